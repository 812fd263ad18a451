"use strict";
// The last stage unfrozen: stage 9 and the new head are trained together. The stages before it are
// frozen, so what they gave for every picture is used again in every epoch.

const BATCH = 16;

// Small and repeatable: the same seed deals the same order on every machine (mulberry32).
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffled(items, random) {
  const order = [...items];
  for (let k = order.length - 1; k > 0; k--) {
    const other = Math.floor(random() * (k + 1));
    [order[k], order[other]] = [order[other], order[k]];
  }
  return order;
}

// Starts from copies of the published stage 9 and of the trained head; both stay as they are.
function startTuning(last, head, classes) {
  const width = last.weight.tensor.shape[1];
  const variable = (name, tensor) => tf.variable(tensor, true, name);
  return {
    stageWeight: variable("stageWeight", last.weight.tensor),
    stageBias: variable("stageBias", last.bias.tensor),
    headWeight: variable("headWeight", tf.tensor(head.weight, [width, classes])),
    headBias: variable("headBias", tf.tensor(head.bias, [classes])),
  };
}

// The gradients of the mean loss, by the chain rule from the scores down to stage 9. Written out,
// since TensorFlow.js's own take ten times as long in WebAssembly.
function gradients({ stageWeight, stageBias, headWeight, headBias }, features, labels) {
  const { places, before } = runConvolution(features, stageWeight, stageBias);
  const pictures = features.length, [rows, width] = before.shape;
  const codes = codesAbove(before, pictures);
  const chances = tf.softmax(tf.add(tf.matMul(codes, headWeight), headBias));
  const wanted = tf.oneHot(tf.tensor(labels, [pictures], "int32"), headBias.shape[0]);
  const toScores = tf.div(tf.sub(chances, wanted), pictures);
  const toCodes = tf.div(tf.matMul(toScores, tf.transpose(headWeight)), rows / pictures); // a mean's share
  const spread = tf.reshape(tf.tile(tf.expandDims(toCodes, 1), [1, rows / pictures, 1]), [rows, width]);
  const open = tf.cast(tf.logicalAnd(tf.greater(before, 0), tf.less(before, 6)), "float32"); // ReLU6's slope
  const toBefore = tf.mul(spread, open);
  return {
    stageWeight: tf.matMul(tf.transpose(places), toBefore),
    stageBias: tf.sum(toBefore, 0),
    headWeight: tf.matMul(tf.transpose(codes), toScores),
    headBias: tf.sum(toScores, 0),
  };
}

// `doing` is told how far it has come, and answers whether to go on.
async function tune(tuned, features, labels, { lr, epochs, seed }, doing) {
  const optimizer = tf.train.adam(lr, 0.9, 0.999, 1e-8), random = randomNumbers(seed);
  const rows = [...features.keys()];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = shuffled(rows, random);
    for (let k = 0; k < order.length; k += BATCH) {
      const batch = order.slice(k, k + BATCH);
      tf.tidy(() => optimizer.applyGradients(gradients(tuned, batch.map((row) => features[row]), batch.map((row) => labels[row]))));
      const done = (epoch - 1 + Math.min(k + BATCH, order.length) / order.length) / epochs;
      if (!(await doing(done, epoch))) return optimizer.dispose();
    }
  }
  optimizer.dispose();
}
