// Found patients with the arrow keys: down from the search box into the list, or into what the bar found, and back.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.getElementById("find-patient");
  const links = [...document.querySelectorAll("#found-patients a, .patients tbody th a")];
  const here = links.indexOf(document.activeElement);
  if (here < 0 && document.activeElement !== search) return;
  const next = here + (event.key === "ArrowDown" ? 1 : -1);
  const goal = next < 0 ? search : links[next];
  if (!goal) return;
  event.preventDefault();
  goal.focus();
});
