// The federation's pages look again every two seconds where something goes on. Each page works without this file.
"use strict";

(() => {
  // Nobody is kept logged in by a page that nobody looks at.
  const MOST_IDLE_MS = 5 * 60 * 1000;
  let active = Date.now();
  ["keydown", "pointerdown", "pointermove", "scroll"].forEach((name) => {
    document.addEventListener(name, () => { active = Date.now(); }, { passive: true });
  });
  setInterval(() => {
    if (document.hidden || Date.now() - active > MOST_IDLE_MS) return;
    document.querySelectorAll("[data-tick]").forEach((part) => htmx.trigger(part, "tick"));
  }, 2000);
})();
