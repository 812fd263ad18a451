// A guess: a form until the result is there, then the guess beside the result.

function inputs({ options, range }) {
  if (range) {
    const { low, high, step, note } = range;
    const input = make("input", { type: "number", name: "guess", min: low, max: high, step });
    return [make("label", {}, `Your guess, a number ${note}`, input)];
  }
  return options.map(({ text, html }) => {
    const input = make("input", { type: "radio", name: "guess", value: text });
    return option(input, html);
  });
}

function result({ guessed, measured, committed, surprised }) {
  const row = (term, html) => make("div", {}, make("dt", { textContent: term }), make("dd", { innerHTML: html }));
  const rows = [...(committed ? [row("Your guess", guessed)] : []), row("Measured", measured)];
  const verdict = !committed ? "" : surprised ? "! A surprise." : "✓ No surprise.";
  return [make("dl", {}, ...rows), make("b", { textContent: verdict })];
}

function render({ model, el }) {
  const asked = model.get("state");
  const question = make("span", { innerHTML: asked.question });
  const fields = make("fieldset", {}, make("legend", {}, make("b", { textContent: "Guess. " }), question), ...inputs(asked));
  const commit = make("button", { className: "strong", textContent: "Commit" });
  const form = make("form", { noValidate: true }, fields, commit);
  const ask = make("p", {}, make("b", { textContent: "Guess. " }), make("span", { innerHTML: asked.question }));
  const shown = make("div", { className: "result" });
  const status = spoken("status"), alert = spoken("alert");
  mount(el, "cs826tl-guess", "Guess", form, ask, shown, status, alert);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    model.send({ guess: new FormData(form).get("guess") });
  });
  function draw() {
    const state = model.get("state");
    form.hidden = state.revealed;
    ask.hidden = !state.revealed;
    status.hidden = state.revealed;
    const html = state.committed ? `Committed: ${state.guessed}. You can change it until the result is shown.` : "";
    if (status.dataset.html !== html) status.innerHTML = status.dataset.html = html;
    write(alert, state.alert);
    shown.replaceChildren(...(state.revealed ? result(state) : []));
  }
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

export default { render };
