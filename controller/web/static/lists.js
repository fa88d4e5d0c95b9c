// Rows that are worked through: a button takes the next step, a field is kept as soon as it is left.

import { actions, act, toast, words } from "./desk.js";
import { freshId } from "./ids.js";

const rowOf = (element) => element.closest("[data-row]");

/** The row's fields that are marked with `mark`, as a page sends them. */
function fields(row, mark) {
  return Object.fromEntries([...row.querySelectorAll(mark)].map((f) => [f.name, f.value.trim()]));
}

actions.step = async (button) => {
  const row = rowOf(button);
  const path = `${row.dataset.path}/${button.dataset.step}`;
  const body = fields(row, "input:not([data-save])");
  for (const [name, value] of Object.entries(button.dataset)) {
    if (name.startsWith("with")) body[name.slice("with".length).toLowerCase()] = value;
  }
  const answer = await act(row, "POST", path, body);
  if (answer.ok) toast(words.step_done);
};

actions["print-slip"] = async (button) => {
  const pass = button.closest("[data-pass]");
  const answer = await act(pass, "POST", `/api/passes/${pass.dataset.pass}/print`, { id: freshId() });
  if (answer.ok) toast(words.printing);
};

document.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-save]")) return;
  const row = rowOf(event.target);
  const answer = await act(row, "PUT", row.dataset.path, fields(row, "[data-save]"));
  if (answer.ok) toast(words.step_done);
});

document.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-ready]")) return;
  const tick = event.target.closest(".tick");
  const name = tick.querySelector(".brief")?.value.trim() ?? "";
  const path = `/api/visits/${tick.dataset.visitId}/ready/${tick.dataset.item}`;
  const answer = await act(tick, "POST", path, { done: event.target.checked, name });
  if (!answer.ok) event.target.checked = !event.target.checked;
});
