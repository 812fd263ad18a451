"use strict";
// EfficientNet-Lite0 in TensorFlow.js, with the course's weights. Everything below stage 9 stays
// frozen on this page, so it runs once a picture; what it gives is kept, and stage 9 runs on that.

function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

// TensorFlow.js asks for its WebAssembly by an address. A page that was opened by double-click may
// read no file beside it, so it comes in a script and gets an address inside this page.
async function startTensorFlow() {
  const url = URL.createObjectURL(new Blob([bytesOf(WASM)], { type: "application/wasm" }));
  const kinds = ["", "-simd", "-threaded-simd"];
  tf.wasm.setWasmPaths(Object.fromEntries(kinds.map((kind) => [`tfjs-backend-wasm${kind}.wasm`, url])));
  if (!(await tf.setBackend("wasm"))) throw new Error("This browser cannot run WebAssembly with SIMD: try a current Firefox, Chrome, Edge or Safari.");
}

async function loadNetwork() {
  await startTensorFlow();
  const published = new Float32Array(bytesOf(WEIGHTS).buffer);
  let taken = 0;
  const take = (shape) => {
    const start = taken;
    taken += shape.reduce((product, side) => product * side);
    const values = published.subarray(start, taken);
    return { tensor: tf.tensor(values, shape), values };
  };
  const stages = NETWORK.stages.map(({ name, blocks }) => ({
    name,
    blocks: blocks.map(({ shortcut, layers }) => ({
      shortcut,
      layers: layers.map((layer) => ({
        ...layer,
        filter: take(layer.shape),
        bias: take([layer.depthwise ? layer.shape[2] : layer.shape[3]]),
      })),
    })),
  }));
  const [codes, classes] = [stages.at(-1).blocks[0].layers[0].shape[3], NETWORK.classes.length];
  const head = { weight: take([codes, classes]).tensor, bias: take([classes]).tensor };
  return { frozen: stages.slice(0, -1), last: lastStageOf(stages.at(-1)), head };
}

function weightsOf(stage) {
  return stage.blocks.flatMap(({ layers }) => layers.flatMap(({ filter, bias }) => [filter, bias]));
}

function runLayer(x, { depthwise, filter, bias, stride, activation }) {
  const convolve = depthwise ? tf.fused.depthwiseConv2d : tf.fused.conv2d;
  return convolve({ x, filter: filter.tensor, bias: bias.tensor, strides: stride, pad: "same", activation });
}

function runBlock(x, { layers, shortcut }) {
  const y = layers.reduce(runLayer, x);
  return shortcut ? tf.add(x, y) : y;
}

// What the frozen stages make of one picture (RGB, 0 to 255): a row of features for each place.
async function runFrozen(network, pixels) {
  const { size, mean, std } = NETWORK;
  const places = tf.tidy(() => {
    const picture = tf.tensor(Float32Array.from(pixels), [1, size, size, 3]);
    const scaled = tf.div(tf.sub(picture, mean), std);
    return network.frozen.reduce((x, { blocks }) => blocks.reduce(runBlock, x), scaled);
  });
  const features = await places.data();
  places.dispose();
  return features;
}

// Stage 9 is a convolution of 1 × 1: the same matrix for the features of every place.
function lastStageOf({ name, blocks: [{ layers: [{ filter, bias, shape }] }] }) {
  const weight = { tensor: tf.reshape(filter.tensor, shape.slice(2)), values: filter.values };
  return { name, weight, bias };
}

// The features of some pictures, one row a place, and what the convolution makes of them.
function runConvolution(features, weight, bias) {
  const width = weight.shape[0], joined = new Float32Array(features.length * features[0].length);
  features.forEach((row, k) => joined.set(row, k * row.length));
  const places = tf.tensor(joined, [joined.length / width, width]);
  return { places, before: tf.add(tf.matMul(places, weight), bias) };
}

// Their codes: ReLU6 of that, averaged over all places of a picture.
function codesAbove(before, pictures) {
  return tf.mean(tf.reshape(tf.clipByValue(before, 0, 6), [pictures, -1, before.shape[1]]), 1);
}

function runLast(features, weight, bias) {
  return codesAbove(runConvolution(features, weight, bias).before, features.length);
}

// The same a few pictures at a time, so that neither memory nor the page's answers suffer.
async function codesOf(features, weight, bias) {
  const all = [];
  for (let k = 0; k < features.length; k += 8) {
    const codes = tf.tidy(() => runLast(features.slice(k, k + 8), weight, bias));
    const values = await codes.data();
    for (let row = 0; row < codes.shape[0]; row++) all.push(values.slice(row * codes.shape[1], (row + 1) * codes.shape[1]));
    codes.dispose();
    await breathe();
  }
  return all;
}
