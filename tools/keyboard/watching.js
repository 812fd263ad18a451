// Watches a page while keys are pressed: what has the focus and what it offers, what a widget answers,
// and how long it takes until that is drawn.

(() => {
  const LIVE = ".cs826tl-live[data-recording]", CONTROLS = "button, input, select, summary, a[href]";
  const HANDED_IN = ["guess", "quiz"]; // what is chosen there is judged when Enter hands it in
  let pressed = 0, drawn = null, place = null, control = null, before = "";

  addEventListener("keydown", ({ timeStamp }) => { pressed = timeStamp; drawn = null; }, true);
  new MutationObserver((changes) => {
    if (drawn || !changes.some(({ target }) => target.parentElement?.closest(LIVE))) return;
    drawn = new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now() - pressed))));
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });

  const text = (element) => element?.textContent ?? "";
  const chosen = (e) => ["radio", "checkbox"].includes(e.type);
  const labelled = (label) => label?.querySelector("span") ?? label;
  const name = (e) => e.getAttribute("aria-label") || text(chosen(e) ? e.closest("fieldset").querySelector("legend") : labelled(e.closest("label"))) || text(e);
  const group = (radio) => [...radio.closest("fieldset").querySelectorAll("input")].filter((other) => other.name === radio.name);
  const shown = () => [place.innerHTML, ...[...place.querySelectorAll("input, select")].map((e) => `${e.value} ${e.checked}`)].join();
  // Whether exactly what this button of a panel would freeze is frozen already.
  function done(e) {
    const columns = [...(e.matches(".cut") ? e.closest("ol").children : [])], here = columns.indexOf(e.closest("li"));
    return here >= 0 && columns.slice(1).every((column, k) => (column.querySelector(".tile").ariaPressed === "true") === k < here);
  }

  // The keys that go through all that a control offers.
  const times = (keys, count) => Array(Math.max(0, Math.round(count))).fill(keys).flat();
  const thereAndBack = (there, back, { min, max, step, value }) => [...times(there, (max - value) / step), ...times(back, (max - min) / step)];
  const KEYS = {
    radio: (e, handIn) => (handIn ? times(["ArrowDown", "Enter"], group(e).length) : group(e).length > 1 ? times("ArrowDown", group(e).length) : []),
    checkbox: () => ["Space", "Enter"],
    number: (e, handIn) => (handIn ? ["ArrowUp", "Enter"] : thereAndBack("ArrowUp", "ArrowDown", e)),
    range: (e) => thereAndBack("ArrowRight", "ArrowLeft", e),
    "select-one": (e) => [...times("ArrowDown", e.length - 1 - e.selectedIndex), ...times("ArrowUp", e.length - 1)],
    button: (e) => times("Enter", e.ariaPressed ? 2 : 1),
    submit: () => ["Enter"],
  };

  window.watching = {
    // The control that has the focus; null outside of all widgets, false where the page ends.
    here() {
      const e = document.activeElement, { recording, kind } = e.closest(LIVE)?.dataset ?? {};
      if (!recording) return e === document.body ? false : null;
      const place = { recording, kind, asleep: e.matches(LIVE), control: `${name(e)} (${e.type ?? e.localName})` };
      if (place.asleep || done(e) || e.reached) return { ...place, keys: [] };
      for (const one of e.type === "radio" ? group(e) : [e]) one.reached = true;
      return { ...place, idle: e.getAttribute("aria-disabled") === "true", keys: KEYS[e.type]?.(e, HANDED_IN.includes(kind)) ?? [] };
    },
    still: () => document.activeElement.reached === true,
    mark() {
      place = document.activeElement.closest(LIVE);
      control = document.activeElement;
      before = shown();
    },
    async answer() {
      await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
      const handIn = HANDED_IN.includes(place.dataset.kind), milliseconds = (await drawn) ?? null;
      const pressed = control.matches("button") && milliseconds !== null; // its work may change nothing
      return {
        milliseconds,
        changed: pressed || (shown() !== before && (handIn || milliseconds !== null)), // else only the control knows
        said: handIn ? text(control.form?.querySelector(".said b")) || text(place.querySelector("[role=status]")) : "",
        alert: text(place.querySelector("[role=alert]:not(:empty)")),
        lost: document.activeElement === document.body,
      };
    },
    working: () => Boolean(place.querySelector("progress:not([hidden])")),
    asleep: () => [...document.querySelectorAll(`${LIVE}:not([data-alive])`)].map((one) => one.dataset.recording),
    // What can be seen, and has not been used.
    unused() {
      const seen = (selector, within) => [...within.querySelectorAll(selector)].filter((e) => e.checkVisibility({ visibilityProperty: true }));
      return seen(LIVE, document).flatMap((one) => {
        const names = one.dataset.alive ? seen(CONTROLS, one).filter((e) => !e.reached).map(name) : ["asleep"];
        return names.map((missed) => `${one.dataset.recording}: ${missed}`);
      });
    },
  };
})();
