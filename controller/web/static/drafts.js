// Drafts: what was typed outlives a failure, a reload, another language and signing in again. One
// goes once it was sent with success, or given up.

const PLACES = "form.form, [data-draft], [data-row]";
const NEVER = "[type=password], [type=file], [type=hidden], [data-save]";

const placeOf = (element) => element.closest(PLACES);
/** A form for one of several entries says in `data-draft` which; a row is told by its path. */
const nameOf = ({ dataset }) => `draft-${dataset.draft ?? dataset.form ?? dataset.path}`;

const fieldsOf = (place) =>
  [...place.querySelectorAll("input, select, textarea")].filter(
    (field) => placeOf(field) === place && !field.matches(NEVER),
  );

const what = (field) => (field.matches("[type=checkbox], [type=radio]") ? "checked" : "value");

/** What is kept of a place: pairs of a field's name and what it says, in the page's order. */
export const draftOf = (place) => JSON.parse(sessionStorage.getItem(nameOf(place)) ?? "[]");

export const forget = (place) => sessionStorage.removeItem(nameOf(place));

/** Put into a place what was typed there; `taken-up` tells it so. */
export function takeUp(place) {
  const kept = draftOf(place);
  if (!kept.length) return;
  fieldsOf(place).forEach((field, index) => {
    const [name, said] = kept[index] ?? [];
    if (name === field.name) field[what(field)] = said;
  });
  place.dispatchEvent(new Event("taken-up"));
}

document.addEventListener("input", ({ target }) => {
  const place = placeOf(target);
  if (!place) return;
  const said = fieldsOf(place).map((field) => [field.name, field[what(field)]]);
  sessionStorage.setItem(nameOf(place), JSON.stringify(said));
});

// When every module has made its form ready, and before a button is heard that was pressed too
// early (early.js).
const all = () => document.querySelectorAll(PLACES).forEach(takeUp);
addEventListener("DOMContentLoaded", all, true);
