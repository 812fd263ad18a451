"use strict";
// The learner's task: classes of pictures, and which of them are held back to measure on.

const MOST_CLASSES = 8, MOST_PICTURES = 200, LEAST_PICTURES = 2;

// The class of that name, made if there is room; throws where there is none.
function classNamed(classes, name) {
  const found = classes.find((one) => one.name === name);
  if (found) return found;
  if (classes.length === MOST_CLASSES) throw new Error(`is of class “${name}”, but there are ${MOST_CLASSES} classes already`);
  classes.push({ name, pictures: [] });
  return classes.at(-1);
}

// A burst: pictures of one class, taken within seconds of each other, that show nearly the same. If
// one of them is learnt and another is held back, then what is measured is memory.
const BURST = 3000, ALIKE = 0.95; // milliseconds; the correlation of two sketches

function bursts(pictures) {
  const found = [];
  for (const picture of pictures) {
    const near = found.filter((burst) => burst.some((one) => Math.abs(one.taken - picture.taken) <= BURST && likeness(one.sketch, picture.sketch) >= ALIKE));
    for (const burst of near) found.splice(found.indexOf(burst), 1);
    found.push([...near.flat(), picture]);
  }
  return found;
}

const likeness = (sketch, other) => sketch.reduce((sum, value, k) => sum + value * other[k], 0);

// Holds back a quarter of every class, drawn by `seed`, and keeps a burst on one side; `split` names
// the classes that are nothing but one burst. Sample pictures were dealt beforehand, as crops of one
// photograph overlap.
function deal(classes, seed) {
  const random = randomNumbers(seed), dealt = { train: [], heldBack: [], split: [] };
  classes.forEach(({ name, pictures }, label) => {
    const free = pictures.filter(({ heldBack }) => heldBack === undefined);
    let groups = bursts(free);
    if (groups.length === 1 && free.length > 1) {
      dealt.split.push(name);
      groups = free.map((picture) => [picture]);
    }
    const most = Math.max(Math.round(free.length / 4), Math.min(...groups.map((group) => group.length)));
    const held = new Set();
    for (const group of shuffled(groups, random)) if (held.size + group.length <= most) group.forEach((picture) => held.add(picture));
    for (const picture of pictures) (picture.heldBack ?? held.has(picture) ? dealt.heldBack : dealt.train).push({ picture, label });
  });
  return dealt;
}

// What is missing before a head can be trained, in words; empty if nothing is.
function missing(classes) {
  if (classes.length < 2) return `A task needs two classes or more; there ${classes.length ? "is one" : "are none"} so far.`;
  const short = classes.find(({ pictures }) => pictures.length < LEAST_PICTURES);
  return short ? `Class “${short.name}” has ${short.pictures.length} of the ${LEAST_PICTURES} pictures that it needs at least: one to learn from, one to measure on.` : "";
}

// What the model says of every picture held back.
function judge(heldBack, answers) {
  return heldBack.map(({ picture, label }, k) => {
    const said = answers[k].indexOf(Math.max(...answers[k]));
    return { picture, label, said, sure: answers[k][said] };
  });
}

// The 95 % interval of a share (Wilson 1927): few pictures tell little.
function interval(right, of) {
  const z = 1.96, share = right / of, centre = share + z ** 2 / (2 * of);
  const reach = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  return [centre - reach, centre + reach].map((end) => Math.min(1, Math.max(0, end / (1 + z ** 2 / of))));
}
