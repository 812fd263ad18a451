"use strict";
// The second and the third section: codes, a new head on them, and the last stage unfrozen.

let network = null, kept = null; // the network, and the photographs of ImageNet, once they are needed

// Codes are computed once a picture, and kept. Gives how many were new.
async function encode(pictures) {
  network ??= await loadNetwork();
  const left = pictures.filter(({ features }) => !features);
  for (const [k, one] of left.entries()) {
    if (!(await advance(k / left.length, `codes: ${k} of ${plural(left.length, "picture")}`))) throw new Error("Stopped. The codes that are there are kept.");
    one.features = await runFrozen(network, one.pixels);
    one.pixels = null; // no longer needed
    [one.codes] = await codesOf([one.features], network.last.weight.tensor, network.last.bias.tensor);
  }
  return left.length;
}

function trainNewHead(seed) {
  const problem = missing(state.classes);
  if (problem) return warn("training", problem);
  work("training", "loading the network", async () => {
    forgetResults();
    const dealt = deal(state.classes, seed), began = performance.now();
    const computed = await encode([...dealt.train, ...dealt.heldBack].map(({ picture }) => picture));
    const encoded = performance.now();
    const head = trainHead(dealt.train.map(({ picture }) => picture.codes), dealt.train.map(({ label }) => label), state.classes.length);
    const times = [encoded - began, performance.now() - encoded];
    const judged = judge(dealt.heldBack, dealt.heldBack.map(({ picture }) => probabilities(picture.codes, head)));
    state.seed = seed;
    state.head = { ...head, dealt, judged, names: state.classes.map(({ name }) => name), computed, times, audit: audit(network, head, null) };
    const burst = dealt.split.map((name) => ` All of “${name}” was taken in one burst, so what is held back is much like what was learnt.`).join("");
    report("training", `The head is trained: ${shareRight("", judged)[1]} pictures held back are right.${burst}`);
  });
}

function unfreeze(chosen) {
  if (!state.head) return warn("tuning", "Train a new head first: an untrained one would pull the stage below it in random directions.");
  work("tuning", "loading ImageNet’s photographs", async () => {
    const { dealt, names } = state.head, photographs = await imagenetPhotographs();
    dropTuned();
    state.tuned = startTuning(network.last, state.head, names.length);
    const began = performance.now();
    await tune(state.tuned, dealt.train.map(({ picture }) => picture.features), dealt.train.map(({ label }) => label),
      { ...chosen, seed: state.seed }, (fraction, epoch) => advance(fraction, `epoch ${epoch} of ${chosen.epochs}`));
    const time = performance.now() - began;
    await advance(1, "measuring");
    state.after = await measure(state.tuned, dealt, photographs, time);
    const { judged, right: [before, after] } = state.after;
    report("tuning", `Stage 9 is tuned: ${shareRight("", judged)[1]} pictures held back are right; of ImageNet’s photographs, ${after} are, and ${before} were.`);
  });
}

async function measure(tuned, dealt, photographs, time) {
  const { stageWeight, stageBias } = tuned;
  const held = await codesOf(dealt.heldBack.map(({ picture }) => picture.features), stageWeight, stageBias);
  const head = { weight: tuned.headWeight.dataSync(), bias: tuned.headBias.dataSync() };
  const judged = judge(dealt.heldBack, held.map((code) => probabilities(code, head)));
  const before = oldAnswers(photographs.map(({ codes }) => codes));
  const after = oldAnswers(await codesOf(photographs.map(({ features }) => features), stageWeight, stageBias));
  const answer = (said, label) => ({ name: NETWORK.classes[said], right: said === label });
  const seen = photographs.map(({ thumb, label }, k) => ({ thumb, is: NETWORK.classes[label], before: answer(before[k], label), after: answer(after[k], label) }));
  const right = ["before", "after"].map((when) => seen.filter((one) => one[when].right).length);
  return { judged, seen, right, time, audit: audit(network, state.head, tuned) };
}

// The class of ImageNet that the published head names.
function oldAnswers(codes) {
  return tf.tidy(() => {
    const joined = tf.tensor(codes.flatMap((code) => [...code]), [codes.length, codes[0].length]);
    const scores = tf.add(tf.matMul(joined, network.head.weight), network.head.bias);
    return [...tf.argMax(scores, 1).dataSync()];
  });
}

async function imagenetPhotographs() {
  kept ??= await Promise.all(IMAGENET.map(async ({ name, label, data }) => {
    const pixels = await readPicture(new File([bytesOf(data)], name, { type: "image/jpeg" }), NETWORK.size);
    return { label, pixels, thumb: thumbnail(pixels, NETWORK.size) };
  }));
  await encode(kept);
  return kept;
}
