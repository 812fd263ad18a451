"use strict";
// The audit: every weight that the network holds now beside the one that was published. It reads
// the numbers that the network computes with, so it would find out a stage that moved secretly.

function largestChange(tensor, values) {
  const now = tensor.dataSync();
  return now.reduce((most, value, k) => Math.max(most, Math.abs(value - values[k])), 0);
}

// `tuned` is null as long as only the head was trained; `head` is what it was before it was tuned.
function audit(network, head, tuned) {
  const { last, frozen } = network;
  const rows = frozen.map((stage) =>
    auditRow(stage.name, true, weightsOf(stage).map(({ tensor, values }) => largestChange(tensor, values))));
  const [weight, bias] = tuned ? [tuned.stageWeight, tuned.stageBias] : [last.weight.tensor, last.bias.tensor];
  rows.push(auditRow(last.name, !tuned, [largestChange(weight, last.weight.values), largestChange(bias, last.bias.values)]));
  const changes = tuned
    ? [largestChange(tuned.headWeight, head.weight), largestChange(tuned.headBias, head.bias)]
    : [head.weight, head.bias].map(largest); // a new head starts at zero
  return [...rows, auditRow("head", false, changes)];
}

function auditRow(name, frozen, changes) {
  const most = Math.max(...changes), moved = most > 0;
  const verdict = frozen ? (moved ? "✗ claimed frozen, in fact moved" : "✓ frozen, did not move") : moved ? "✓ trainable, moved" : "✓ trainable, did not move";
  return [name, frozen ? "frozen" : "trainable", `${changes.filter((change) => change > 0).length} of ${changes.length}`, most ? most.toExponential(1) : "0", verdict];
}
