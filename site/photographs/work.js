"use strict";
// What the learner has so far, and one piece of work at a time: how far it is, and how to stop it.

const state = { classes: [], troubles: [], seed: 0, busy: "", progress: null, head: null, tuned: null, after: null };
const loaded = new Promise((resolve) => addEventListener("load", resolve, { once: true }));
let stopping = false;

// The three sections: each has a row of buttons, a line that says what came out, and one for errors.
const sections = Object.fromEntries(["pictures", "training", "tuning"].map((name) =>
  [name, { row: workRow(() => { stopping = true; }), status: spoken("status"), alert: spoken("alert") }]));

const report = (name, text) => write(sections[name].status, text);
const warn = (name, text) => write(sections[name].alert, text);

async function work(name, label, task) {
  if (state.busy) return;
  [state.busy, stopping] = [name, false];
  warn(name, "");
  try {
    await loaded;
    await advance(0, label);
    await task();
  } catch (error) {
    warn(name, error.message);
  }
  Object.assign(state, { busy: "", progress: null });
  draw();
}

// Lets the page answer the learner in between.
const breathe = () => new Promise((resolve) => setTimeout(resolve));

// Says how far it is, lets the page answer the learner, and tells whether to go on.
async function advance(fraction, label) {
  state.progress = { fraction, label };
  drawRows();
  await breathe();
  return !stopping;
}

function dropTuned() {
  if (state.tuned) tf.dispose(Object.values(state.tuned));
  [state.tuned, state.after] = [null, null];
}

function forgetResults() {
  dropTuned();
  state.head = null;
}
