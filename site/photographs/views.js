"use strict";
// What the page shows; `page.js` says when. `make`, `table` and `write` are the widgets' own.

function plural(number, word, words = `${word}s`) {
  return `${number} ${number === 1 ? word : words}`;
}

function seconds(milliseconds) {
  return milliseconds < 9950 ? `${(milliseconds / 1000).toFixed(milliseconds < 995 ? 2 : 1)} s` : `${Math.round(milliseconds / 1000)} s`;
}

function count(number) {
  if (number < 1e3) return String(number);
  return number < 1e6 ? `${(number / 1e3).toPrecision(3)} k` : `${(number / 1e6).toPrecision(3)} M`;
}

// The network as the lecture draws it: blue frozen, yellow fine-tuned, green the new head.
function stageRow(tuning, classes) {
  const size = ({ blocks }) => blocks.flatMap(({ layers }) => layers).reduce((sum, { shape, depthwise }) =>
    sum + shape.reduce((a, b) => a * b) + (depthwise ? shape[2] : shape[3]), 0);
  const stages = NETWORK.stages.map((stage) => ({ name: stage.name, size: size(stage), role: "frozen" }));
  if (tuning) stages.at(-1).role = "fine-tuned";
  const codes = NETWORK.stages.at(-1).blocks[0].layers[0].shape[3];
  stages.push({ name: "head", size: (codes + 1) * Math.max(classes, 2), role: "new head" });
  return stages.map(({ name, size, role }) => {
    const once = role === "frozen", label = make("span", { className: "label" },
      make("b", { textContent: name }), make("span", { textContent: role }), make("small", { textContent: count(size) }));
    const tile = make("div", { className: "tile" }, label);
    tile.dataset.role = role;
    return make("li", {}, tile, make("div", { className: once ? "when once" : "when", textContent: once ? "runs once" : "every epoch" }));
  });
}

function picture(src, alt) {
  return make("img", { src, alt, title: alt, width: 48, height: 48 });
}

function figures(rows) {
  return make("dl", { className: "cards" }, ...rows.map(([label, value, detail]) =>
    make("div", {}, make("dt", { textContent: label }), make("dd", {}, make("b", { textContent: value }), make("small", { textContent: detail })))));
}

function shareRight(label, judged) {
  const right = judged.filter(({ label, said }) => label === said).length;
  const [low, high] = interval(right, judged.length).map((end) => end.toFixed(2));
  return [label, `${right} of ${judged.length}`, `${(right / judged.length).toFixed(2)}; 95 % interval ${low} to ${high}`];
}

// Rows: what a picture is. Columns: what the network says. Every mistake is shown.
function confusion(names, judged) {
  const rows = names.map((name, label) => make("tr", {}, make("th", { scope: "row", textContent: name }), ...names.map((other, said) => {
    const here = judged.filter((one) => one.label === label && one.said === said);
    const wrong = label === said ? [] : here.map(({ picture: { name, thumb }, sure }) => picture(thumb, `${name}: said to be ${other}, with ${sure.toFixed(2)}`));
    return make("td", { className: label === said ? "right" : "" }, make("b", { textContent: here.length }), ...wrong);
  })));
  const head = make("tr", {}, make("th", { scope: "col", textContent: "is ↓ · said to be →" }), ...names.map((name) => make("th", { scope: "col", textContent: name })));
  return scrolled("Confusion of the pictures held back", make("table", { className: "confusion" },
    make("caption", { textContent: "Pictures held back: what they are, and what they are said to be" }), make("thead", {}, head), make("tbody", {}, ...rows)));
}

// A table may be wider than a phone: then it scrolls, by keyboard too.
function scrolled(label, ...children) {
  const box = make("div", { className: "scrolled", tabIndex: 0 }, ...children);
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", label);
  return box;
}

function auditTable(rows) {
  const columns = ["stage", "claimed", "tensors moved", "largest change", "verdict"];
  return scrolled("Audit", table({ caption: "Audit: what was claimed frozen, and what moved", columns, rows }));
}

// ImageNet's photographs, with what the network says of them before and after.
function forgetting(photographs) {
  const say = (when, { name, right }) => make("div", {}, make("small", { textContent: `${when}: ` }), make("span", { textContent: `${right ? "✓" : "✗"} ${name}` }));
  const items = photographs.map(({ thumb, is, before, after }) => {
    const words = make("div", {}, make("b", { textContent: is }), say("before", before), say("after", after));
    const item = make("li", {}, picture(thumb, ""), words);
    if (before.right && !after.right) item.className = "forgotten";
    return item;
  });
  return make("figure", {}, make("figcaption", { textContent: "Twenty photographs of ImageNet: what the old head says of them" }), make("ul", { className: "photographs" }, ...items));
}

// One class: its name, its pictures, and what can be done with it.
function classCard(one, number, { rename, add, snap, remove }) {
  const named = (element, text) => {
    element.setAttribute("aria-label", `${text}, class ${number}`);
    return element;
  };
  const button = (text, onclick) => named(make("button", { type: "button", className: "plain", textContent: text, onclick }), text);
  const name = named(make("input", { type: "text", value: one.name, onchange: () => { name.value = rename(name.value.trim()); } }), "Name");
  const files = named(make("input", { type: "file", multiple: true, accept: "image/*", onchange: () => add(files.files) }), "Add pictures");
  const thumbs = make("div", { className: "thumbs", tabIndex: 0 }, ...one.pictures.map(({ thumb, name }) => picture(thumb, name)));
  thumbs.setAttribute("role", "group");
  return make("li", { className: "class" }, name, make("span", { textContent: plural(one.pictures.length, "picture") }), named(thumbs, "Pictures"),
    make("div", { className: "run" }, make("label", { className: "plain file" }, make("span", { textContent: "Add pictures" }), files), button("Camera", snap), button("Remove", remove)));
}
