// The chart for paper: a button that opens the browser's own print window.
"use strict";

(() => {
  const button = document.getElementById("print-now");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
})();
