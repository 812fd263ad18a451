// A quiz: native controls in one form a question. What is answered goes to Python, which judges.

function inputs({ kind, ask, options }) {
  if (kind === "number") {
    const input = make("input", { type: "number", step: "any", name: "given" });
    return [make("label", {}, "Your answer, a number", input)];
  }
  return options.map((html, value) => {
    const input = make("input", { type: kind === "one" ? "radio" : "checkbox", name: "given", value });
    return option(input, html);
  });
}

function makeQuestion(model, asked, question) {
  const legend = make("legend", {}, make("b", { textContent: `${question + 1}. ` }), make("span", { innerHTML: asked.ask }));
  if (asked.kind === "several") legend.append(make("small", { textContent: " (several may be right)" }));
  const check = make("button", { className: "plain", textContent: "Check" });
  check.setAttribute("aria-label", `Check question ${question + 1}`);
  const said = make("div", { className: "said" }), alert = spoken("alert");
  said.setAttribute("role", "status");
  const form = make("form", { noValidate: true }, make("fieldset", {}, legend, ...inputs(asked)), check, said, alert);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const given = new FormData(form).getAll("given");
    model.send({ question, given: asked.kind === "number" ? given[0] : given.map(Number) });
  });
  let drawn = "";
  function draw(result) {
    const { right, verdict, remarks } = result;
    write(alert, result.alert);
    const fresh = JSON.stringify([verdict, remarks]);
    if (fresh === drawn) return; // or it would be read out again
    drawn = fresh;
    said.dataset.right = right;
    const lines = remarks.map((html) => make("p", { innerHTML: html }));
    said.replaceChildren(...(verdict ? [make("b", { textContent: verdict }), ...lines] : []));
  }
  return { form, draw };
}

function render({ model, el }) {
  const questions = model.get("state").questions.map((asked, k) => makeQuestion(model, asked, k));
  const tally = spoken("status");
  mount(el, "cs826tl-quiz", "Quiz", make("header", {}, make("strong", { textContent: "Quiz" })), ...questions.map(({ form }) => form), tally);
  function draw() {
    const { results, tally: text } = model.get("state");
    questions.forEach((question, k) => question.draw(results[k]));
    write(tally, text);
  }
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

export default { render };
