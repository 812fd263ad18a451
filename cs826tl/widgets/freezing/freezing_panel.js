// Draws the state it is given and sends back what is pressed. Everything is updated in place, so
// that the focus stays where it is.

const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

function makePart(name, freezeThrough, toggle) {
  const part = { role: make("span"), parameters: make("small"), when: make("div", { className: "when" }) };
  const label = make("span", { className: "label" }, make("b", { textContent: name }), part.role, part.parameters);
  part.tile = make("button", { type: "button", className: "tile", onclick: toggle }, label);
  part.cut = make("button", { type: "button", className: "cut", textContent: "freeze to here", onclick: freezeThrough });
  part.cut.setAttribute("aria-label", `freeze to here: up to ${name}, nothing after it`);
  return part;
}

function curve({ curves, epochs }) {
  const [left, top, width, height] = [34, 12, 250, 130];
  const x = (epoch) => left + (width * epoch) / epochs;
  const y = (accuracy) => top + height * (1 - accuracy);
  const drawn = curves.filter(({ values }) => values.length);
  const picture = svg("svg", { viewBox: "0 0 340 182", role: "img" });
  for (const tick of [0, 0.5, 1]) {
    picture.append(svg("line", { x1: left, x2: left + width, y1: y(tick), y2: y(tick), class: "grid" }));
    picture.append(svg("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)));
  }
  const step = Math.ceil(epochs / 10);
  for (let epoch = 0; epoch <= epochs; epoch += step)
    picture.append(svg("text", { x: x(epoch), y: top + height + 17, "text-anchor": "middle" }, String(epoch)));
  picture.append(svg("text", { x: left + width / 2, y: top + height + 34, "text-anchor": "middle" }, "epoch"));
  drawn.forEach(({ run, values }, k) => {
    const last = k === drawn.length - 1;
    const points = values.map((value, epoch) => [x(epoch), y(value)]);
    const line = svg("g", { class: last ? "last" : "earlier" });
    line.append(svg("polyline", { points: points.join(" ") }));
    for (const [cx, cy] of last ? points : []) line.append(svg("circle", { cx, cy, r: 3.5 }));
    if (last) line.append(svg("text", { x: points.at(-1)[0] + 8, y: points.at(-1)[1] + 4 }, values.at(-1).toFixed(2)));
    picture.append(line);
    const spoken = values.map((value) => value.toFixed(2)).join(", ");
    if (last) picture.setAttribute("aria-label", `Validation accuracy of run ${run}, epoch by epoch: ${spoken}`);
  });
  const earlier = drawn.length > 1 ? "; earlier runs dashed" : "";
  return make("figure", {}, make("figcaption", { textContent: `Validation accuracy${earlier}` }), picture);
}

function render({ model, el }) {
  const names = model.get("state").parts.map((part) => part.name);
  const frozen = () => model.get("frozen");
  const busy = () => model.get("state").busy;

  function freeze(chosen) {
    if (busy()) return;
    model.set("frozen", names.filter((name) => chosen.includes(name)));
    model.save_changes();
  }
  const toggle = (name) => freeze(frozen().includes(name) ? frozen().filter((n) => n !== name) : [...frozen(), name]);

  const parts = names.map((name, k) => makePart(name, () => freeze(names.slice(0, k + 1)), () => toggle(name)));
  const columns = parts.map(({ tile, when, cut }, k) => make("li", {}, tile, when, ...(k < names.length - 1 ? [cut] : [])));
  const images = make("small");
  const none = make("button", { type: "button", className: "cut", textContent: "freeze none", onclick: () => freeze([]) });
  const input = make("li", {}, make("div", { className: "tile input" }, make("b", { textContent: "images" }), images), make("div", { className: "when" }), none);
  const row = make("ol", { className: "row" }, input, ...columns);
  row.setAttribute("aria-label", "The network, stage by stage; a pressed stage is frozen");

  const title = make("strong"), task = make("span");
  const cards = make("dl", { className: "cards" });
  const work = workRow(() => model.send({ do: "stop" }));
  const status = spoken("status"), alert = spoken("alert");
  const result = make("div", { className: "result" });
  const help = make("p", { className: "help", textContent: "Press a stage to freeze or unfreeze it, or freeze the network up to a stage in one go. The figures count parameters." });
  const panel = mount(el, "cs826tl-freezing", "Freezing panel",
    make("header", {}, title, task), help, row, cards,
    work.row, status, alert, result);

  function drawFrozen() {
    parts.forEach(({ tile, role }, k) => {
      const isFrozen = frozen().includes(names[k]);
      const word = isFrozen ? "frozen" : model.get("state").parts[k].learns;
      tile.setAttribute("aria-pressed", isFrozen);
      tile.dataset.role = word === "adapter" ? "fine-tuned" : word;
      write(role, word);
    });
  }
  let drawnResult = "";
  function drawState() {
    const state = model.get("state");
    for (const [role, colour] of Object.entries(state.colours)) panel.style.setProperty(`--${role.replace(" ", "-")}`, colour);
    write(title, state.title);
    write(task, state.task);
    write(images, state.images);
    parts.forEach(({ tile, cut, parameters, when }, k) => {
      write(parameters, state.parts[k].parameters);
      write(when, state.parts[k].once ? "runs once" : "every epoch");
      when.classList.toggle("once", state.parts[k].once);
      for (const button of [tile, cut]) enable(button, !state.busy);
    });
    enable(none, !state.busy);
    cards.replaceChildren(...state.cards.map(({ label, value, detail }) =>
      make("div", {}, make("dt", { textContent: label }), make("dd", {}, make("b", { textContent: value }), make("small", { textContent: detail })))));
    work.draw(state, [[state.train, () => model.send({ do: "train" })]]);
    write(status, state.status);
    write(alert, state.alert);
    const fresh = JSON.stringify([state.curves, state.tables]);
    if (fresh === drawnResult) return;
    drawnResult = fresh;
    const drawable = state.curves.some(({ values }) => values.length);
    const [time, runs, audit] = state.tables.map(table);
    const beside = time ? [make("div", {}, time, runs), audit] : [];
    result.replaceChildren(...(drawable ? [curve(state)] : []), ...beside);
  }
  model.on("change:frozen", drawFrozen);
  model.on("change:state", drawState);
  drawFrozen();
  drawState();
  return () => {
    model.off("change:frozen", drawFrozen);
    model.off("change:state", drawState);
  };
}

export default { render };
