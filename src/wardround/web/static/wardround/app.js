// Small comforts on every page. Each page works without this file.
"use strict";

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

// A number that misses its box must not lead away from what was typed before it.
const isBegun = () =>
  [...document.querySelectorAll("form.entry :is(input:not([type=hidden]), textarea)")].some(
    (box) => box.value !== box.defaultValue || box.checked !== box.defaultChecked,
  );

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
    const form = document.querySelector("form.entry");
    if (form) {
      event.preventDefault();
      form.requestSubmit();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "/") {
    const search = document.querySelector("[role=search] input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
  if (/^[1-9]$/.test(event.key) && !isBegun()) {
    const links = document.querySelectorAll(".rail a");
    links[Number(event.key) - 1]?.click();
  }
});

// What was just done is read first, by a screen reader too, and Tab goes on from there.
const told = document.querySelector(".told");
if (told && !document.querySelector("[autofocus]")) told.focus({ preventScroll: true });

// An open menu closes when the reader goes elsewhere.
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.who[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.who[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});
