// One minute before the idle limit a page says so and offers to stay; at the limit it goes to the log-in, which leads
// back here. Without this file the server ends the session all the same.
"use strict";

const farewell = document.querySelector("#session-end");

if (farewell && typeof farewell.showModal === "function") {
  const idle = Number(farewell.dataset.idleSeconds) * 1000;
  const warning = Math.min(60000, idle / 2);
  const shared = `wardround-last-request-${farewell.dataset.site}`;

  // Every page of the same site renews the same session, so they tell each other when they last asked the server.
  let last = Date.now();
  const asked = () => {
    last = Date.now();
    try {
      localStorage.setItem(shared, String(last));
    } catch {
      // A browser that keeps nothing: this page counts for itself.
    }
  };
  const since = () => {
    let seen = last;
    try {
      seen = Math.max(seen, Number(localStorage.getItem(shared)) || 0);
    } catch {
      // As above.
    }
    return Date.now() - seen;
  };

  const look = () => {
    const left = idle - since();
    if (left <= 0) {
      location.reload();
      return;
    }
    if (left <= warning && !farewell.open) farewell.showModal();
    if (left > warning && farewell.open) farewell.close();
  };

  const stay = async () => {
    const answer = await fetch(farewell.dataset.stay, { redirect: "manual", cache: "no-store" });
    if (answer.status === 204) {
      asked();
      farewell.close();
    } else {
      location.reload();
    }
  };

  farewell.querySelector("button").addEventListener("click", stay);
  farewell.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });
  // What a page asks by itself renews nothing at the server, and so nothing here.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.headers?.["X-Asked-By"] !== "page") asked();
  });
  document.addEventListener("wardround:asked", asked); // a draft was kept without htmx
  document.addEventListener("visibilitychange", look);
  asked();
  setInterval(look, 1000);
}
