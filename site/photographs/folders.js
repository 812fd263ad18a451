"use strict";
// Which files were chosen or dropped, and of which class: the folder that a file lies in.

// From an `<input>` of a folder: every file knows its path.
function filesOfFolder(files) {
  return visible([...files].map((file) => ({ className: file.webkitRelativePath.split("/").at(-2), file })));
}

// From what was dropped. The browser forgets it after the event, so all of it is asked for at once.
async function filesOfDrop(transfer, looseClass) {
  const asked = [...transfer.items].filter(({ kind }) => kind === "file").map(handleOf);
  const found = [];
  for (const handle of await Promise.all(asked)) found.push(...(await filesBelow(handle, looseClass)));
  return visible(found);
}

// Chromium reads dropped folders only through handles where the page itself is a file; other
// browsers know only entries. A handle's `kind` tells the two apart.
function handleOf(item) {
  return item.getAsFileSystemHandle?.() ?? item.webkitGetAsEntry?.() ?? item.getAsFile();
}

async function filesBelow(handle, className) {
  if (handle instanceof File) return [{ className, file: handle }];
  if (handle.kind === "file") return [{ className, file: await handle.getFile() }];
  if (handle.isFile) return [{ className, file: await new Promise((resolve, reject) => handle.file(resolve, reject)) }];
  const found = [];
  for (const child of await childrenOf(handle)) found.push(...(await filesBelow(child, handle.name)));
  return found;
}

async function childrenOf(folder) {
  const children = [];
  if (folder.kind === "directory") {
    for await (const child of folder.values()) children.push(child);
    return children;
  }
  const reader = folder.createReader();
  for (;;) { // a reader gives at most a hundred at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return children;
    children.push(...some);
  }
}

function visible(found) {
  const kept = found.filter(({ file }) => !file.name.startsWith(".") && !["Thumbs.db", "desktop.ini"].includes(file.name));
  return kept.sort((a, b) => a.file.name.localeCompare(b.file.name, "en", { numeric: true }));
}
