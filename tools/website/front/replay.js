// Gives the notebooks' own widget scripts a `model` that answers from a recording. A recording is a
// script that calls `cs826tlSite.add`, because a page that was opened from a disk cannot fetch.

(() => {
  const LONGEST = 3; // seconds: a replay of longer work is sped up to this
  const site = (window.cs826tlSite = { widgets: {}, recordings: {}, ready: {} });
  const here = document.currentScript.src.replace(/[^/]*$/, "");
  const guesses = {}, tallies = [];

  site.add = (name, recording) => { site.recordings[name] = recording; };

  // The part of an anywidget model that the scripts use.
  class Model {
    constructor(values, obey, changed = () => {}) {
      Object.assign(this, { values, obey, changed, listeners: [] });
    }
    get(name) { return this.values[name]; }
    set(name, value) { this.values[name] = value; }
    on(event, listener) { this.listeners.push([event, listener]); }
    off(event, listener) { this.listeners = this.listeners.filter(([e, l]) => e !== event || l !== listener); }
    send(message, _, buffers) { this.obey(message, buffers); }
    save_changes() { this.changed(); }
    put(values) {
      Object.assign(this.values, values);
      for (const name of Object.keys(values))
        for (const [event, listener] of this.listeners) if (event === `change:${name}`) listener();
    }
  }

  const state = ({ fields, pool, states }, number) => Object.fromEntries(fields.map((field, k) => [field, pool[states[number][k]]]));

  // Plays frames of recorded work, `[seconds, …]`, and then `end`. Returns what stops it.
  function play({ frames, seconds }, show, end) {
    const pace = Math.max(1, seconds / LONGEST), timers = [];
    show(frames[0] ?? [0, 0, "", []]); // at once, however late the first was recorded
    for (const frame of frames.slice(1)) timers.push(setTimeout(() => show(frame), (1000 * frame[0]) / pace));
    timers.push(setTimeout(end, (1000 * seconds) / pace));
    return () => timers.forEach(clearTimeout);
  }

  const WANTING = "That was not recorded: it needs Python. Open this lecture on Binder or Colab, or install the course.";

  function explorer(recording) {
    let place = recording.start, stop = null;
    const model = new Model({}, obey);
    const shown = (extra = {}) => {
      const { picture, ...rest } = state(recording, place);
      return { picture, state: { ...rest, served: "", ...extra } };
    };
    const controls = () => state(recording, place).controls.filter(({ kind }) => kind !== "Press");
    const settings = (text) => JSON.stringify(JSON.parse(text).map(([name, value]) => [name, String(value)]));
    const known = Object.fromEntries(Object.entries(recording.settings).map(([text, number]) => [settings(text), number]));
    const moves = Object.fromEntries(Object.entries(recording.moves).map(([number, steps]) =>
      [number, Object.fromEntries(Object.entries(steps).map(([step, to]) => [step_(step), to]))]));
    function step_(text) { const [name, value] = JSON.parse(text); return `${name}=${value}`; }

    function reached(name, value) {
      const direct = moves[place]?.[`${name}=${value}`];
      if (direct !== undefined) return direct;
      const wanted = controls().map((c) => [c.name, String(c.name === name ? value : c.value)]);
      return known[JSON.stringify(wanted)];
    }
    function change({ changes, ticket }) {
      let alert = "";
      for (const [name, value] of Object.entries(changes)) {
        const next = reached(name, value);
        if (next === undefined) alert = WANTING;
        else place = next;
      }
      model.put(shown({ served: ticket, ...(alert && { alert }) }));
    }
    function press(name) {
      const fresh = known[JSON.stringify(controls().map((c) => [c.name, String(c.value)]))]; // as before the first press
      const recorded = (recording.presses[place] ?? recording.presses[fresh])?.[name];
      if (!recorded) return model.put(shown({ alert: WANTING }));
      const busy = ([, fraction, label]) => model.put(shown({ busy: true, alert: "", progress: { fraction, label } }));
      stop = play(recorded, busy, () => { place = recorded.to; stop = null; model.put(shown()); });
    }
    function obey(message) {
      if (message.do === "set") change(message);
      else if (message.do === "press") press(message.name);
      else if (stop) { stop(); stop = null; model.put(shown({ alert: "Stopped. A recording keeps only finished work." })); }
    }
    model.put(shown());
    return model;
  }

  function panel(recording) {
    const text = (frozen) => frozen.join(",");
    const plan = (frozen) => state(recording, recording.plans[text(frozen)]);
    let frozen = recording.start, runs = [], stop = null, running = null;
    const model = new Model({ frozen }, obey, changed);
    const numbered = (said, k) => said.replace(/^Run 1\b/, `Run ${k}`);

    function tables() {
      if (!runs.length) return [];
      const [time, , audit] = runs.at(-1).shown.tables, all = runs[0].shown.tables[1];
      const rows = runs.map(({ shown }, k) => [String(k + 1), ...shown.tables[1].rows[0].slice(1)]);
      const named = (table) => ({ ...table, caption: numbered(table.caption, runs.length) });
      return [named(time), { ...all, rows }, named(audit)];
    }
    function draw(extra = {}) {
      const last = runs.at(-1), same = last && text(last.frozen) === text(frozen);
      const curves = [...runs.map(({ shown }) => shown.curves[0].values), ...(running ? [running] : [])];
      model.put({ frozen, state: {
        ...plan(frozen), curves: curves.map((values, k) => ({ run: k + 1, values })), tables: tables(),
        ...(same && { status: numbered(last.shown.status, runs.length) }), ...extra,
      } });
    }
    function changed() {
      const wanted = model.get("frozen");
      if (recording.plans[text(wanted)] === undefined) return draw({ alert: WANTING });
      frozen = wanted;
      draw();
    }
    function train() {
      const recorded = recording.runs[text(frozen)];
      if (!recorded) return draw({ alert: "Only training with the first stages frozen, up to any one, was recorded. " + WANTING });
      if (recorded.shown.alert) return draw({ alert: recorded.shown.alert });
      const busy = ([, fraction, label, values]) => {
        running = values;
        draw({ busy: true, status: "Training.", progress: { fraction, label } });
      };
      stop = play(recorded, busy, () => { stop = running = null; runs.push({ ...recorded, frozen }); draw(); });
    }
    function obey(message) {
      if (message.do === "train") return train();
      if (stop) { stop(); stop = running = null; draw({ alert: "Stopped. A recording keeps only finished work." }); }
    }
    draw();
    return model;
  }

  // Guesses are kept in this browser, so that a page that is opened again still knows them.
  const kept = {
    get: (name) => { try { return localStorage.getItem(`cs826tl ${name}`); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(`cs826tl ${name}`, value); } catch { /* not kept */ } },
  };

  function guess(recording, name) {
    const { base, answers, measured, nothing } = recording;
    const numbers = "range" in base;
    const find = (given) => {
      if (given === null || String(given).trim() === "" || (numbers && !Number.isFinite(Number(given)))) return null;
      return numbers ? Object.keys(answers).find((value) => Math.abs(value - given) < 1e-9) : given;
    };
    let guessed = kept.get(name), revealed = false;
    if (!(guessed in answers)) guessed = null;
    const model = new Model({}, ({ guess: given }) => {
      const found = find(given);
      if (found === null) return draw(nothing);
      if (!(found in answers)) return draw(`Type a number ${base.range.note} in steps of ${base.range.step}: these were recorded.`);
      guessed = found;
      kept.set(name, found);
      draw();
    });
    function draw(alert = "") {
      const answer = answers[guessed];
      model.put({ state: {
        ...base, alert, committed: guessed !== null, revealed,
        guessed: answer?.guessed ?? base.guessed, measured: revealed ? measured : base.measured,
        surprised: revealed ? answer?.surprised ?? null : null,
      } });
      tallies.forEach((tally) => tally());
    }
    model.reveal = () => { revealed = true; draw(); };
    model.row = () => ({
      question: base.question, guessed: answers[guessed]?.words ?? "–",
      measured: revealed ? measured : "–", surprised: revealed && guessed !== null ? answers[guessed].surprised : null,
    });
    draw();
    return model;
  }

  function quiz({ base, answers, tallies: texts }) {
    const results = [...base.results];
    const model = new Model({ state: base }, ({ question, given }) => {
      const asked = answers[question];
      if ("said" in asked) results[question] = asked.said[given.join(",")] ?? asked.nothing;
      else if (given === "" || !Number.isFinite(Number(given))) results[question] = asked.nothing;
      else results[question] = Math.abs(Number(given) - asked.answer) <= asked.within ? asked.right : asked.wrong;
      const right = results.filter((result) => result.right).length;
      model.put({ state: { ...base, results: [...results], tally: texts[right] } });
    });
    return model;
  }

  const KINDS = { explorer, panel, guess, quiz };
  const model = (name) => {
    const recording = site.recordings[name];
    if (recording.kind !== "guess") return KINDS[recording.kind](recording, name);
    return (guesses[name] ??= guess(recording, name));
  };

  site.model = model;

  function load(name) {
    return (site.ready[name] ??= new Promise((done, failed) => {
      document.head.append(Object.assign(document.createElement("script"), { src: `${here}recordings/${name}.js`, onload: done, onerror: failed }));
    }));
  }

  function show(place, name) {
    const el = document.createElement("div");
    site.widgets[site.recordings[name].kind].render({ model: model(name), el });
    place.replaceChildren(el, ...place.querySelectorAll(":scope > .cs826tl-recorded"));
  }

  // A result waits for a press, or it would answer the guess before it is made.
  function showResult(place, name) {
    if (site.recordings[name].measured === null) return; // what stands there says how to get it
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "strong", textContent: "Show the result beside your guess" });
    button.onclick = () => {
      model(name).reveal();
      show(place, name);
      const result = place.querySelector(".cs826tl");
      result.tabIndex = -1;
      result.focus();
    };
    const box = document.createElement("div");
    box.className = "cs826tl";
    box.append(button);
    place.replaceChildren(box);
  }

  function showTally(place, names) {
    const cell = (tag, html, scope) => Object.assign(document.createElement(tag), { innerHTML: html, ...(scope && { scope }) });
    const draw = () => {
      const rows = names.map((name) => model(name).row());
      const made = rows.filter(({ surprised }) => surprised !== null);
      const surprised = made.filter((row) => row.surprised).length;
      const text = made.length ? `${surprised} of ${made.length} results surprised you.` : "No guess yet. Commit above, and show the results.";
      const table = document.createElement("table");
      const line = (...cells) => { const row = document.createElement("tr"); row.append(...cells); return row; };
      table.append(line(...["", "guess", "measured", "surprise"].map((head) => cell(head ? "th" : "td", head, head && "col"))));
      for (const row of rows) {
        const verdict = row.surprised === null ? "–" : row.surprised ? "! yes" : "✓ no";
        table.append(line(cell("th", row.question, "row"), cell("td", row.guessed), cell("td", row.measured), cell("td", verdict)));
      }
      const tally = document.createElement("p");
      tally.innerHTML = "<b>Surprises.</b> ";
      tally.append(text);
      place.replaceChildren(tally, table);
    };
    names.forEach(model); // made first: each draws the tallies that there are
    tallies.push(draw);
    draw();
  }

  async function wake(place) {
    const names = place.dataset.recording.split(" ");
    await Promise.all(names.map(load));
    if (place.dataset.kind === "surprises") showTally(place, names);
    else if (place.dataset.kind === "reveal") showResult(place, names[0]);
    else show(place, names[0]);
    place.dataset.alive = true;
    place.tabIndex = -1; // the focus stays, if it is here
  }

  document.addEventListener("DOMContentLoaded", () => {
    const places = document.querySelectorAll(".cs826tl-live[data-recording]");
    const watcher = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) if (isIntersecting) { watcher.unobserve(target); wake(target); }
    }, { rootMargin: "600px" });
    for (const place of places) {
      place.tabIndex = 0; // else Tab would go past a widget that still sleeps
      watcher.observe(place);
    }
  });
})();
