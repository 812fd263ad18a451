// What all widgets share; `front_end` in base.py puts it before each widget's own script.

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text; // or it would be read out again
}

function table({ caption, columns, rows }) {
  const head = make("tr", {}, ...columns.map((text) => make("th", { textContent: text, scope: "col" })));
  const body = rows.map(([first, ...rest]) =>
    make("tr", {}, make("th", { textContent: first, scope: "row" }), ...rest.map((text) => make("td", { textContent: text }))));
  return make("table", {}, make("caption", { textContent: caption }), make("thead", {}, head), make("tbody", {}, ...body));
}

// What is written into it is read out: a status when there is time, an alert at once.
function spoken(role) {
  const line = make("p", { className: role });
  line.setAttribute("role", role);
  return line;
}

// Buttons stay reachable while they do nothing: a disabled one would lose the keyboard's focus.
function enable(button, enabled) {
  button.setAttribute("aria-disabled", !enabled);
}

// Puts a widget's own part, named for screen readers, into the place that the notebook gives it.
function mount(el, className, label, ...children) {
  // JupyterLab's single-key shortcuts (d d deletes the cell) must not see what is typed in here
  el.addEventListener("keydown", (event) => event.stopPropagation());
  // no <section>: in a deck, reveal.js takes every one of them for a slide
  const panel = make("div", { className: `cs826tl ${className}` }, ...children);
  panel.setAttribute("role", "region");
  panel.setAttribute("aria-label", label);
  el.append(panel);
  return panel;
}

// A row of buttons that start work, one that stops it, and how far it has come.
function workRow(stop) {
  let busy = false, drawn = "";
  const starters = make("span", { className: "starters" });
  const halt = make("button", { type: "button", className: "plain", textContent: "Stop", onclick: () => busy && stop() });
  const bar = make("progress", { max: 1, value: 0, ariaLabel: "progress" }), doing = make("span");
  const row = make("div", { className: "run" }, starters, halt, bar, doing);

  // `buttons` are pairs of a label and what it starts.
  function draw(state, buttons) {
    busy = state.busy;
    row.hidden = !buttons.length;
    const labels = JSON.stringify(buttons.map(([label]) => label));
    if (labels !== drawn) {
      starters.replaceChildren(...buttons.map(([label, start]) =>
        make("button", { type: "button", className: "strong", textContent: label, onclick: () => busy || start() })));
      drawn = labels;
    }
    for (const starter of starters.children) enable(starter, !busy);
    enable(halt, busy);
    bar.hidden = !state.progress;
    bar.value = state.progress?.fraction ?? 0;
    write(doing, state.progress?.label ?? "");
  }
  return { row, draw };
}

// A radio button or a checkbox, and what it stands for.
function option(input, html) {
  const text = make("span", { innerHTML: html });
  // a control's name is plain text, and not every reader finds the text in mathematics
  if (text.querySelector("math")) input.setAttribute("aria-label", text.textContent);
  return make("label", {}, input, text);
}
