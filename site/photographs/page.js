"use strict";
// The page itself: what its controls start, and what it shows of the state.

const at = (id) => document.getElementById(id);

function drawRows() {
  const buttons = {
    pictures: [["Try four photographs", () => trySamples(0)], ["Try three surfaces", () => trySamples(1)]],
    training: [["Train a new head", () => trainNewHead(state.seed)], ["Deal again, train again", () => trainNewHead(state.seed + 1)]],
    tuning: [["Unfreeze stage 9 and tune it", () => unfreeze({ lr: Number(at("rate").value), epochs: Number(at("epochs").value) })]],
  };
  for (const [name, { row }] of Object.entries(sections))
    row.draw({ busy: Boolean(state.busy), progress: state.busy === name ? state.progress : null }, buttons[name]);
}

function draw() {
  const { classes, troubles, head, after } = state;
  drawRows();
  at("stages").replaceChildren(...stageRow(Boolean(after), classes.length));
  drawClasses(classes);
  at("troubles").replaceChildren(...troubles.map((trouble) => make("li", { textContent: trouble })));
  at("trouble").hidden = !troubles.length;
  at("head-result").replaceChildren(...(head ? headResult(head) : []));
  at("tuned-result").replaceChildren(...(after ? tunedResult(head, after) : []));
}

// The cards are made anew; the focus stays on the same control.
function drawClasses(classes) {
  const focused = at("classes").contains(document.activeElement) && document.activeElement.ariaLabel;
  at("classes").replaceChildren(...classes.map((one, k) => dropTarget(classCard(one, k + 1, actionsOf(one)), () => one.name)));
  if (focused) at("classes").querySelector(`[aria-label="${focused}"]`)?.focus();
}

function headResult({ names, judged, dealt, computed, times: [codes, training], audit }) {
  const cards = figures([
    shareRight("Right, held back", judged),
    ["Learnt from", plural(dealt.train.length, "picture"), "the others are held back"],
    ["Codes", computed ? seconds(codes) : "kept", `of ${plural(computed, "new picture")}, once`],
    ["Head", seconds(training), "softmax regression"],
  ]);
  return [cards, confusion(names, judged), auditTable(audit)];
}

function tunedResult({ names, judged: before }, { judged, seen, right, time, audit }) {
  const cards = figures([
    shareRight("Right, head only", before),
    shareRight("Right, stage 9 tuned", judged),
    ["ImageNet’s, before", `${right[0]} of ${seen.length}`, "right, with the old head"],
    ["ImageNet’s, after", `${right[1]} of ${seen.length}`, "right, with the same old head"],
    ["Tuning", seconds(time), "stages 1 to 8 did not run again"],
  ]);
  return [cards, forgetting(seen), confusion(names, judged), auditTable(audit)];
}

function dropTarget(element, looseClass) {
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("drop", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    try {
      await addFiles(await filesOfDrop(event.dataTransfer, looseClass()));
    } catch (error) {
      warn("pictures", `What was dropped cannot be read: ${error.message}`);
    }
  });
  return element;
}

function begin() {
  for (const [role, colour] of Object.entries(COLOURS)) at("page").style.setProperty(`--${role.replace(" ", "-")}`, colour);
  for (const [name, { row, status, alert }] of Object.entries(sections)) at(name).append(row.row, status, alert);
  at("folder").addEventListener("change", ({ target }) => addFiles(filesOfFolder(target.files)));
  at("add-class").addEventListener("click", addClass);
  dropTarget(document.documentElement, () => "");
  draw();
}

begin();
