"use strict";
// A new head: softmax regression on codes. It minimises what scikit-learn's LogisticRegression(C=1)
// does, the summed loss plus half the squared weights, so both find the same head: it is convex.

const STEPS = 500, PAIRS = 10;

// `codes`: one Float32Array a picture. Gives weight (codes × classes) and bias, as stage 9's
// successor wants them.
function trainHead(codes, labels, classes) {
  const width = codes[0].length;
  const found = minimise((point) => lossAndGradient(point, codes, labels, classes), (width + 1) * classes, 1e-4 * codes.length);
  return { weight: Float32Array.from(found.subarray(0, width * classes)), bias: Float32Array.from(found.subarray(width * classes)) };
}

// What a head says of one picture's codes: a probability for each class.
function probabilities(code, { weight, bias }) {
  const classes = bias.length, scores = Float64Array.from(bias);
  for (let d = 0, at = 0; d < code.length; d++)
    for (let c = 0; c < classes; c++) scores[c] += code[d] * weight[at++];
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

function lossAndGradient(point, codes, labels, classes) {
  const width = codes[0].length, gradient = new Float64Array(point.length);
  const weight = point.subarray(0, width * classes), bias = point.subarray(width * classes);
  let loss = 0;
  codes.forEach((code, k) => {
    const error = probabilities(code, { weight, bias });
    loss -= Math.log(Math.max(error[labels[k]], 1e-300));
    error[labels[k]] -= 1;
    for (let d = 0, at = 0; d < width; d++)
      for (let c = 0; c < classes; c++) gradient[at++] += code[d] * error[c];
    for (let c = 0; c < classes; c++) gradient[width * classes + c] += error[c];
  });
  weight.forEach((w, at) => { loss += (w * w) / 2; gradient[at] += w; });
  return { loss, gradient };
}

// L-BFGS (Liu and Nocedal 1989, doi:10.1007/BF01589116): steepest descent, bent by what the last
// few steps taught about the curvature.
function minimise(f, length, tolerance) {
  let point = new Float64Array(length), { loss, gradient } = f(point);
  const pairs = [];
  for (let step = 0; step < STEPS && largest(gradient) > tolerance; step++) {
    const direction = bent(gradient, pairs), slope = dot(direction, gradient);
    let stride = pairs.length ? 1 : 1 / Math.sqrt(dot(gradient, gradient)), next, there;
    for (;; stride /= 2) {
      next = point.map((x, k) => x - stride * direction[k]);
      there = f(next);
      if (there.loss <= loss - 1e-4 * stride * slope) break;
      if (stride < 1e-12) return point; // as low as rounding allows
    }
    const s = next.map((x, k) => x - point[k]), y = there.gradient.map((g, k) => g - gradient[k]);
    pairs.push({ s, y, curvature: dot(s, y) });
    if (pairs.length > PAIRS) pairs.shift();
    [point, loss, gradient] = [next, there.loss, there.gradient];
  }
  return point;
}

function bent(gradient, pairs) {
  const direction = gradient.slice(), shares = [];
  for (const { s, y, curvature } of pairs.toReversed()) {
    const share = dot(s, direction) / curvature;
    shares.unshift(share);
    y.forEach((v, k) => { direction[k] -= share * v; });
  }
  const last = pairs.at(-1), scale = last ? last.curvature / dot(last.y, last.y) : 1;
  direction.forEach((v, k) => { direction[k] = scale * v; });
  pairs.forEach(({ s, y, curvature }, j) => {
    const share = shares[j] - dot(y, direction) / curvature;
    s.forEach((v, k) => { direction[k] += share * v; });
  });
  return direction;
}

function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
