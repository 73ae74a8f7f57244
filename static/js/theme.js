/* Sets light or dark before the first paint: loaded in <head> without defer. No choice, no attribute: CSS follows the device. */
(() => {
  "use strict";
  let choice = null;
  try { choice = localStorage.getItem("theme"); } catch { /* storage refused: follow the device */ }
  if (choice === "light" || choice === "dark") document.documentElement.dataset.bsTheme = choice;
})();
