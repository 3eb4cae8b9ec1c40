// Forms of entry: drafts while one types, over a lost connection and a log-out; Enter goes to the next field; a likely
// value is taken with one key. Every form works without this file. Nothing is kept in the browser but in this page's memory.
"use strict";

(() => {
  const WAIT = 1200; // milliseconds after the last key
  const RETRY = 4000;
  const states = new WeakMap();

  const stateOf = (form) => {
    if (!states.has(form)) states.set(form, { typed: 0, kept: 0, timer: 0, isSending: false, isLost: false, isOfAnother: false });
    return states.get(form);
  };

  const say = (form, text, kind) => {
    const line = form.querySelector("[data-draft-state]");
    if (!line) return;
    line.textContent = text;
    line.className = `draft-state ${kind}`;
  };

  const soon = (form, wait) => {
    const state = stateOf(form);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => keep(form), wait);
  };

  // After a log-in the page's token for writing is an old one; a fresh copy of the page has the new one. What one person
  // typed is never kept or saved for another who logged in at the same browser.
  const renew = async (form) => {
    const answer = await fetch(location.href, { redirect: "manual", cache: "no-store" });
    if (!answer.ok) return false;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = fresh.querySelector("input[name=csrfmiddlewaretoken]");
    const person = fresh.querySelector("form.entry[data-person]")?.dataset.person;
    stateOf(form).isOfAnother = person !== undefined && person !== form.dataset.person;
    if (!token || person !== form.dataset.person) return false;
    for (const old of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) old.value = token.value;
    document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token.value }));
    return true;
  };

  const keep = async (form) => {
    const state = stateOf(form);
    if (state.isSending || !form.isConnected) return;
    state.isSending = true;
    const sent = state.typed;
    try {
      const send = () =>
        fetch(form.dataset.draft, { method: "POST", body: new FormData(form), redirect: "manual", cache: "no-store" });
      let answer = await send();
      const isOut = (one) => one.type === "opaqueredirect" || one.status === 403;
      if (isOut(answer) && (await renew(form))) answer = await send();
      if (isOut(answer)) {
        lost(form, state.isOfAnother ? form.dataset.another : form.dataset.loggedOut);
      } else if (answer.ok) {
        state.kept = sent;
        document.dispatchEvent(new CustomEvent("wardround:asked"));
        const text = await answer.text();
        say(form, state.isLost ? `${form.dataset.back} ${text}` : text, "kept");
        state.isLost = false;
      } else {
        say(form, answer.status === 413 ? await answer.text() : form.dataset.failed, "lost");
        state.isLost = true;
      }
    } catch {
      lost(form, form.dataset.offline);
    } finally {
      state.isSending = false;
    }
    if (state.typed > sent) soon(form, WAIT);
  };

  const lost = (form, text) => {
    stateOf(form).isLost = true;
    say(form, text, "lost");
    soon(form, RETRY);
  };

  const drafting = () => document.querySelectorAll("form.entry[data-draft]");

  document.addEventListener("input", (event) => {
    const form = event.target.closest("form.entry[data-draft]");
    if (!form || event.target.matches("[data-no-draft]")) return;
    stateOf(form).typed += 1;
    soon(form, WAIT);
  });

  addEventListener("online", () => {
    for (const form of drafting()) if (stateOf(form).isLost) soon(form, 0);
  });

  addEventListener("offline", () => {
    for (const form of drafting()) if (stateOf(form).typed) lost(form, form.dataset.offline);
  });

  // Logging out waits a moment for the draft: afterwards nobody could keep it.
  const pause = (wait) => new Promise((resolve) => setTimeout(resolve, wait));

  const flush = async (form) => {
    for (let round = 0; round < 5 && stateOf(form).typed > stateOf(form).kept; round += 1) {
      if (stateOf(form).isSending) await pause(200);
      else await keep(form);
    }
  };

  document.addEventListener("submit", (event) => {
    const other = event.target;
    if (other.matches("form.entry") || event.defaultPrevented || other.dataset.waited) return;
    const waiting = [...drafting()].filter((form) => stateOf(form).typed > stateOf(form).kept);
    if (!waiting.length || other.hasAttribute("hx-post")) return;
    event.preventDefault();
    Promise.race([Promise.all(waiting.map(flush)), pause(2000)]).then(() => {
      other.dataset.waited = "yes";
      other.requestSubmit(event.submitter);
    });
  });

  // What was typed in the last second leaves with the page.
  addEventListener("pagehide", () => {
    for (const form of drafting()) {
      const state = stateOf(form);
      if (state.typed > state.kept && !form.dataset.saved) navigator.sendBeacon(form.dataset.draft, new FormData(form));
    }
  });

  addEventListener("beforeunload", (event) => {
    for (const form of drafting()) {
      const state = stateOf(form);
      if (state.isLost && state.typed > state.kept && !form.dataset.saved) event.preventDefault();
    }
  });

  // A form that htmx sends keeps its page when there is no connection.
  document.addEventListener("htmx:sendError", (event) => {
    const form = event.target.closest("form.entry[data-draft]");
    if (form) lost(form, form.dataset.offline);
  });

  // What stands in the search for a test is for the list below it alone.
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.target.matches("form.entry")) delete event.detail.parameters.search;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    // Saved means: the draft must not be written again behind it.
    const form = event.target.closest("form.entry[data-draft]");
    if (form && event.target === form) clearTimeout(stateOf(form).timer);
  });

  // Whoever is logged out is told so here, beside what was typed, and not sent away from it.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const form = event.target.closest("form.entry[data-draft]");
    if (!form) return;
    const { xhr } = event.detail;
    if (xhr.status === 401 || xhr.status === 403) {
      event.preventDefault();
      lost(form, form.dataset.loggedOut);
    } else if (xhr.getResponseHeader("HX-Redirect")) {
      form.dataset.saved = "yes";
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form.entry[data-draft]");
    if (form && !form.hasAttribute("hx-post")) form.dataset.saved = "yes";
  });

  // Enter goes to the next field, as on paper; the last one leads to Save.
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form.entry");
    if (!form || event.isComposing) return;
    if (event.key === "F2") {
      const near = event.target.closest("[data-field]")?.querySelector("[data-message] [data-use]");
      const likely = near || form.querySelector("[data-message] [data-use]");
      if (likely) {
        event.preventDefault();
        likely.click();
      }
      return;
    }
    if (event.key === "Enter" && event.target.matches("[type=search]")) {
      event.preventDefault();
      form.querySelector(".found-tests button")?.click();
      return;
    }
    if (event.key !== "Enter" || event.ctrlKey || event.altKey || event.metaKey) return;
    if (!event.target.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=search]), select")) return;
    event.preventDefault();
    const fields = [...form.querySelectorAll("input, select, textarea, button[name=save]")].filter(
      (one) => one.type !== "hidden" && !one.disabled && one.offsetParent !== null && !one.matches("[data-passed-over]"),
    );
    fields[fields.indexOf(event.target) + (event.shiftKey ? -1 : 1)]?.focus();
  });

  // "Use 38.6": the value goes into its box and is checked as if it had been typed.
  document.addEventListener("click", (event) => {
    const likely = event.target.closest("button[data-use]");
    const form = likely?.closest("form.entry");
    if (!form) return;
    event.preventDefault();
    for (const [name, value] of Object.entries(JSON.parse(likely.dataset.use))) {
      const box = form.elements.namedItem(name);
      if (box) box.value = value;
    }
    const box = form.elements.namedItem(likely.dataset.checks);
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });

  // The message belongs to its box: a screen reader hears that the box is wrong.
  document.addEventListener("htmx:afterSettle", () => {
    for (const said of document.querySelectorAll("form.entry [data-message]")) {
      const box = document.getElementById(said.dataset.message);
      if (box) box.toggleAttribute("aria-invalid", false);
      if (box && said.querySelector(".hard, .soft")) box.setAttribute("aria-invalid", "true");
    }
  });
})();
