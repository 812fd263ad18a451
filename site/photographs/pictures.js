"use strict";
// From a file to pixels: the central square, resized as Pillow resizes it, so that the network sees
// here what it sees in the course.

const MOST_BYTES = 40e6, MOST_PIXELS = 50e6;

// The central square as RGB, `size` pixels wide. Throws what is wrong with the file, in words.
async function readPicture(file, size) {
  if (file.size > MOST_BYTES) throw new Error(`is of ${Math.round(file.size / 1e6)} MB; at most ${MOST_BYTES / 1e6} MB are read`);
  if (file.size === 0) throw new Error("is empty");
  await checkSides(file);
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" })
    .catch(() => { throw new Error("is broken: it cannot be read to its end"); });
  try {
    return centralSquare(bitmap, size);
  } finally {
    bitmap.close();
  }
}

// Reads only how large the picture is: a small file may unfold into gigabytes.
async function checkSides(file) {
  const image = new Image(), url = URL.createObjectURL(file);
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = () => reject(new Error("is no picture that this browser can read"));
      image.src = url;
    });
  } finally {
    URL.revokeObjectURL(url);
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height > MOST_PIXELS) throw new Error(`has ${width} × ${height} pixels; at most ${MOST_PIXELS / 1e6} million are read`);
}

function centralSquare(bitmap, size) {
  const { width, height } = bitmap, side = Math.min(width, height);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff"; // under what is transparent
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  const columns = resampling(width, (width - side) / 2, side, size);
  const rows = resampling(height, (height - side) / 2, side, size);
  return resize(context.getImageData(0, 0, width, height), columns, rows);
}

// For each of `size` new pixels: the first old pixel it depends on, and the old ones' weights. This
// is Pillow's bilinear filter, a triangle as wide as the step, in its fixed-point numbers.
const ONE = 2 ** 22;

function resampling(length, start, side, size) {
  const step = side / size, reach = Math.max(step, 1);
  return Array.from({ length: size }, (_, k) => {
    const centre = start + (k + 0.5) * step;
    const first = Math.max(Math.floor(centre - reach + 0.5), 0);
    const end = Math.min(Math.floor(centre + reach + 0.5), length);
    const heights = Array.from({ length: end - first }, (_, j) => Math.max(0, 1 - Math.abs((first + j + 0.5 - centre) / reach)));
    const sum = heights.reduce((a, b) => a + b);
    return { first, weights: Float64Array.from(heights, (height) => Math.round((height / sum) * ONE)) };
  });
}

// Columns first, then rows, rounded to whole numbers after each. RGBA in, RGB out.
function resize({ data, width, height }, columns, rows) {
  const narrow = new Uint8ClampedArray(columns.length * height * 3);
  for (let y = 0, at = 0; y < height; y++)
    for (const { first, weights } of columns)
      for (let c = 0; c < 3; c++) narrow[at++] = weigh(data, (y * width + first) * 4 + c, 4, weights);
  const small = new Uint8ClampedArray(columns.length * rows.length * 3), line = columns.length * 3;
  for (let y = 0, at = 0; y < rows.length; y++)
    for (let x = 0; x < line; x++) small[at++] = weigh(narrow, rows[y].first * line + x, line, rows[y].weights);
  return small;
}

function weigh(values, at, step, weights) {
  let sum = ONE / 2;
  for (let k = 0; k < weights.length; k++, at += step) sum += values[at] * weights[k];
  return Math.floor(sum / ONE);
}

// What the picture shows, roughly: 8 × 8 brightnesses with mean 0 and length 1, or zeros for a single
// colour. Two of them, multiplied, give their correlation.
function sketched(pixels, size, cells = 8) {
  const sums = new Float64Array(cells * cells), cell = (k) => Math.floor((k * cells) / size);
  for (let y = 0, at = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < 3; c++) sums[cell(y) * cells + cell(x)] += pixels[at++];
  const mean = sums.reduce((a, b) => a + b) / sums.length;
  const length = Math.hypot(...sums.map((sum) => sum - mean)) || 1;
  return sums.map((sum) => (sum - mean) / length);
}

// A small copy to look at.
function thumbnail(pixels, size) {
  const rgba = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let k = 0; k < size * size; k++) for (let c = 0; c < 3; c++) rgba[4 * k + c] = pixels[3 * k + c];
  const full = new OffscreenCanvas(size, size), small = document.createElement("canvas");
  full.getContext("2d").putImageData(new ImageData(rgba, size, size), 0, 0);
  small.width = small.height = 96;
  small.getContext("2d").drawImage(full, 0, 0, 96, 96);
  return small.toDataURL("image/jpeg", 0.85);
}
