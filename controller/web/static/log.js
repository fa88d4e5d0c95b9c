// The duty log: its forms, which lose nothing typed, and the stages of what is to be followed up.

import { act, actions, fill, refresh, toast, words } from "./desk.js";
import { keyed, saySo, send, submit, values } from "./forms.js";
import { freshId } from "./ids.js";

const BETWEEN = "、";
const form = document.getElementById("paper");
const { does, kind, path, act: step } = form.dataset;

/** The points of a checklist, sorted by what was said of them. */
function checked({ list, slot, note, ...marks }) {
  const said = (mark) =>
    Object.keys(marks).filter((name) => marks[name] === mark).map((name) => name.slice("at ".length));
  const fields = { list, slot, fine: said("fine").join(BETWEEN), wrong: said("wrong").join(BETWEEN) };
  return { kind, fields: note ? { ...fields, note } : fields };
}

const bodies = {
  new: ({ deadline, owner, ...fields }) => ({ kind, fields, deadline, owner }),
  round: checked,
  correct: ({ reason, seen, ...fields }) => ({ fields, reason, seen }),
  defer: (said) => said,
  shift: ({ deadline, ...fields }) => ({ act: step, fields, deadline }),
};

submit[form.dataset.form] = async (_, anyway = false) => {
  const body = { ...bodies[does](values(form)), ...(anyway && { anyway }) };
  const made = await send(form, "POST", path, keyed(form, body, path));
  if (!made) return;
  form.reset();
  if (does !== "new") return location.assign("/log");
  saySo(form, fill(words.log_recorded, { number: made.id }), "good");
  first().focus();
};

submit["log-day"] = (days) => location.assign(`/log?${new URLSearchParams(values(days))}`);

actions["log-void"] = async ({ dataset }, anyway = false) => {
  const { reason, seen } = values(form);
  const body = keyed(form, { reason, seen, anyway }, dataset.path);
  const again = () => actions["log-void"]({ dataset }, true);
  if (!(await send(form, "POST", dataset.path, body, again))) return;
  form.reset();
  location.assign("/log");
};

actions["all-fine"] = () => {
  for (const radio of form.querySelectorAll('[value="fine"]')) radio.checked = true;
  form.dispatchEvent(new Event("input", { bubbles: true }));
};

/** A step of one's own shift that asks for nothing more. */
actions.shift = async (button) => {
  button.dataset.key ??= freshId();
  const body = { id: button.dataset.key, act: button.dataset.act };
  const answer = await act(button.closest("[data-row]"), "POST", "/api/shift", body);
  if (answer.ok) toast(words.step_done);
};

actions["log-stage"] = async (button) => {
  const row = button.closest("[data-row]");
  const fields = [...row.querySelectorAll("input")].map((field) => [field.name, field.value]);
  // The same id on a second press after a failure: no stage is taken twice.
  button.dataset.key ??= freshId();
  const { key, act: stage, seen } = button.dataset;
  const body = { id: key, act: stage, seen, fields: Object.fromEntries(fields) };
  const answer = await act(row, "POST", `${row.dataset.path}/stages`, body);
  if (answer.ok) return toast(words.step_done);
  // Where somebody else was faster, the list shows at once what they did.
  refresh("log");
  row.querySelector(`[name="${CSS.escape(answer.body.field ?? "")}"]`)?.focus();
};

const first = () => form.querySelector("input:not([type=hidden]), textarea");

// Whoever was faster than this script goes on typing where they are.
const here = form.contains(document.activeElement);
if (!here && /[?&](new|correct|defer|round|shift)=/.test(location.search)) first().focus();
