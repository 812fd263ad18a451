// Draws the state it is given and sends back what is changed. Everything is updated in place, so
// that the focus stays where it is.

const LARGEST_FILE = 8e6; // bytes; a notebook server closes the line at 10 MB a message

function labelled(text, field) {
  return make("label", { className: "control" }, make("span", { textContent: text }), field);
}

// Each control is its element and a function that draws a new value into it.
const CONTROLS = {
  Choice({ label, name, options }, change, view) {
    if (options.length > 5) {
      const list = make("select", { onchange: () => change(list.value) }, ...options.map((text) => make("option", { textContent: text })));
      return { element: labelled(label, list), draw: (value) => { list.value = value; } };
    }
    const buttons = options.map((value) => make("input", { type: "radio", name: `${view}-${name}`, value, onchange: () => change(value) }));
    const choices = buttons.map((button) => make("label", {}, button, button.value));
    return {
      element: make("fieldset", { className: "control" }, make("legend", { textContent: label }), ...choices),
      draw: (value) => { for (const button of buttons) button.checked = button.value === value; },
    };
  },
  Number({ label, low, high, step }, change) {
    const limits = { min: low, max: high, step, ariaLabel: label };
    const slider = make("input", { type: "range", ...limits });
    const field = make("input", { type: "number", ...limits });
    let typing = false; // who is typing a number is left alone
    slider.oninput = () => { field.value = slider.value; change(slider.valueAsNumber); };
    field.oninput = () => { typing = true; };
    field.onchange = () => {
      typing = false;
      if (Number.isNaN(field.valueAsNumber)) field.value = slider.value;
      slider.value = field.value;
      change(slider.valueAsNumber);
    };
    field.onblur = () => { typing = false; field.value = slider.value; };
    const text = make("span", { textContent: label, ariaHidden: "true" });
    return {
      element: make("div", { className: "control number" }, text, slider, field),
      draw: (value) => { slider.value = value; if (!typing) field.value = value; },
    };
  },
  Words({ label, placeholder }, change) {
    let known = ""; // what Python knows; who has typed on since is left alone
    const field = make("input", { type: "text", placeholder, onchange: () => change(known = field.value) });
    return { element: labelled(label, field), draw: (value) => { if (field.value === known) field.value = known = value; } };
  },
  File({ label, accept }, change, view, complain) {
    const field = make("input", { type: "file", accept });
    field.onchange = async () => {
      const [file] = field.files;
      if (!file) return;
      if (file.size > LARGEST_FILE) complain(`${file.name} has ${Math.ceil(file.size / 1e6)} MB; choose a file of at most ${LARGEST_FILE / 1e6} MB.`);
      else change(await file.arrayBuffer());
    };
    return { element: labelled(label, field), draw: () => {} };
  },
};

// Sends changes, one request at a time: while Python serves it, later changes wait, and of those
// only the last of each control is sent. A press waits for them too: work starts with what is set.
function sender(model, view) {
  let waiting = {}, sent = null, sending = {}, pressed = null, count = 0;

  function send() {
    if (sent) return;
    if (!Object.keys(waiting).length) {
      if (pressed !== null) model.send({ do: "press", name: pressed });
      pressed = null;
      return;
    }
    const files = Object.keys(waiting).filter((name) => waiting[name] instanceof ArrayBuffer);
    const buffers = files.map((name) => waiting[name]);
    const changes = Object.fromEntries(Object.entries(waiting).filter(([name]) => !files.includes(name)));
    sent = `${view}-${count++}`;
    [sending, waiting] = [waiting, {}];
    model.send({ do: "set", changes, files, ticket: sent }, undefined, buffers);
  }
  return {
    change(name, value) { waiting[name] = value; send(); },
    press(name) { pressed = name; send(); },
    served(ticket) {
      if (ticket !== sent) return;
      [sent, sending] = [null, {}];
      send();
    },
    underWay: (name) => name in sending || name in waiting,
  };
}

function render({ model, el }) {
  const view = `view${Math.random().toString(36).slice(2)}`;
  const send = sender(model, view);
  const title = make("strong"), help = make("p", { className: "help" });
  const settings = make("fieldset", { className: "settings" });
  const image = make("img", { draggable: false, decoding: "sync" }), picture = make("figure", {}, image);
  const status = spoken("status"), alert = spoken("alert");
  const tables = make("div", { className: "tables" });
  const work = workRow(() => model.send({ do: "stop" }));
  const panel = mount(el, "cs826tl-explorer", model.get("state").title,
    make("header", {}, title), help,
    make("div", { className: "columns" },
      make("div", { className: "side" }, settings, work.row, status, alert),
      make("div", { className: "main" }, picture, tables)));

  let controls = new Map(), drawnTables = "";

  function makeControl(control) {
    const change = (value) => { made.drawn = undefined; send.change(control.name, value); };
    const made = CONTROLS[control.kind](control, change, view, (words) => write(alert, words));
    return made;
  }
  function drawControls(specified) {
    const fresh = new Map(specified.map((control) => {
      const { value, ...rest } = control, key = JSON.stringify(rest);
      return [key, controls.get(key) ?? makeControl(control)];
    }));
    let held; // the name of a control that has the focus and must be made again, as its options changed
    if ([...fresh.keys()].join() !== [...controls.keys()].join()) {
      const focused = el.getRootNode().activeElement;
      const [before] = [...controls].find(([, { element }]) => element.contains(focused)) ?? [];
      settings.replaceChildren(...[...fresh.values()].map(({ element }) => element));
      if (settings.contains(focused)) focused.focus(); // moving it took the focus away
      else if (before) held = JSON.parse(before).name;
      controls = fresh;
    }
    [...controls.values()].forEach((control, k) => {
      const { name, value } = specified[k];
      if (control.drawn === value || send.underWay(name)) return; // or it would disturb who types
      control.draw(value);
      control.drawn = value;
    });
    const again = controls.get([...controls.keys()].find((key) => JSON.parse(key).name === held));
    again?.element.querySelector("input:checked, input:not([type=radio]), select")?.focus();
  }
  function draw() {
    const state = model.get("state"), address = model.get("picture");
    send.served(state.served);
    write(title, state.title);
    write(help, state.help);
    drawControls(state.controls.filter(({ kind }) => kind !== "Press"));
    settings.disabled = state.busy;
    const buttons = state.controls.filter(({ kind }) => kind === "Press");
    work.draw(state, buttons.map(({ name, label }) => [label, () => send.press(name)]));
    picture.hidden = !address;
    image.alt = state.alt;
    [image.width, image.height] = state.size;
    if (image.getAttribute("src") !== address) image.src = address;
    write(status, state.status);
    write(alert, state.alert);
    const fresh = JSON.stringify(state.tables);
    if (fresh === drawnTables) return;
    drawnTables = fresh;
    tables.replaceChildren(...state.tables.map(table));
  }
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

export default { render };
