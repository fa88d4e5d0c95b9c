// Whoever is faster than the page's scripts: their press waits until somebody hears it. A form that
// the browser sent by itself would lose what was typed, and leave it in an address.
let pressed = null;

const keep = (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  pressed = button;
};

document.addEventListener("click", keep, true);
// Scripts that are modules have run by then.
document.addEventListener("DOMContentLoaded", () => {
  document.removeEventListener("click", keep, true);
  pressed?.click();
});
