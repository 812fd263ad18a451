"use strict";
// The first section: pictures are read and sorted into classes.

// Adds what can be read; what cannot is named, and the rest goes on.
async function addFiles(found, heldBackOf = () => undefined) {
  await work("pictures", "reading pictures", async () => {
    state.troubles = [];
    forgetResults();
    for (const [k, { className, file }] of found.entries()) {
      if (!(await advance(k / found.length, `reading ${file.name}`))) break;
      try {
        if (!className) throw new Error("lies in no folder: drop folders, or drop it onto a class");
        const pixels = await readPicture(file, NETWORK.size);
        // What is learnt and what is held back must not be one picture.
        const twin = state.classes.flatMap(({ pictures }) => pictures).find((one) => isSame(one.pixels, pixels));
        if (twin) throw new Error(`is the same picture as ${twin.name}, and is left out`);
        const { pictures } = classNamed(state.classes, className);
        if (pictures.length === MOST_PICTURES) throw new Error(`is one too many: a class has at most ${MOST_PICTURES} pictures`);
        pictures.push({ name: file.name, pixels, thumb: thumbnail(pixels, NETWORK.size), heldBack: heldBackOf(file), taken: file.lastModified, sketch: sketched(pixels, NETWORK.size) });
      } catch (error) {
        state.troubles.push(`${file.name} ${error.message}`);
      }
    }
    const total = state.classes.reduce((sum, { pictures }) => sum + pictures.length, 0);
    report("pictures", `${plural(total, "picture")} in ${plural(state.classes.length, "class", "classes")}.`);
  });
}

function isSame(pixels, others) {
  return pixels.length === others.length && pixels.every((value, k) => value === others[k]);
}

async function trySamples(number) {
  if (state.busy) return;
  await loaded;
  const pictures = SAMPLES[number];
  state.classes = [];
  const files = pictures.map(({ className, name, data }) => ({ className, file: new File([bytesOf(data)], name, { type: "image/png" }) }));
  const heldBack = new Map(files.map(({ file }, k) => [file, pictures[k].heldBack]));
  await addFiles(files, (file) => heldBack.get(file));
}

function addClass() {
  if (state.busy) return;
  if (state.classes.length === MOST_CLASSES) return warn("pictures", `There are ${MOST_CLASSES} classes already.`);
  let number = 1;
  while (state.classes.some(({ name }) => name === `class ${number}`)) number++;
  forgetResults();
  state.classes.push({ name: `class ${number}`, pictures: [] });
  draw();
  document.querySelector("#classes > :last-child input").focus();
}

// What the buttons of a class do.
function actionsOf(one) {
  return {
    rename(name) {
      const taken = state.classes.some((other) => other !== one && other.name === name);
      warn("pictures", taken ? `There is a class “${name}” already.` : "");
      if (name && !taken && !state.busy) one.name = name;
      return one.name;
    },
    add: (files) => addFiles([...files].map((file) => ({ className: one.name, file }))),
    snap: () => useCamera(one.name, (file) => addFiles([{ className: one.name, file }])).catch((error) => warn("pictures", `The camera cannot be used: ${error.message}.`)),
    remove() {
      if (state.busy) return;
      state.classes = state.classes.filter((other) => other !== one);
      forgetResults();
      draw();
      document.getElementById("add-class").focus();
    },
  };
}
