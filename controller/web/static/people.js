// Who may sign in: a first password is shown once, and never fetched again.

import { actions, act, fill, toast, words } from "./desk.js";
import { send, submit, values } from "./forms.js";

const dialog = document.getElementById("first-password");
const rowOf = (button) => button.closest("[data-user]");
const path = (row) => `/api/users/${row.dataset.user}`;

function tell({ name, password }) {
  dialog.querySelector(".whose").textContent = fill(words.first_password, { name });
  dialog.querySelector(".number").textContent = password;
  dialog.showModal();
}

dialog.addEventListener("close", () => (dialog.querySelector(".number").textContent = ""));

submit.user = async (form) => {
  const made = await send(form, "POST", "/api/users", values(form));
  if (!made) return;
  form.reset();
  tell(made);
};

const save = (disabled) => async (button) => {
  const row = rowOf(button);
  const [display, role] = ["display", "role"].map((name) => row.querySelector(`[name=${name}]`).value);
  const body = { display, role, disabled: disabled ?? row.dataset.disabled === "true" };
  const answer = await act(row, "PUT", path(row), body);
  if (answer.ok) toast(words.step_done);
};

actions["save-user"] = save();
actions["disable-user"] = save(true);
actions["enable-user"] = save(false);

actions["reset-password"] = async (button) => {
  const row = rowOf(button);
  const answer = await act(row, "POST", `${path(row)}/password`);
  if (answer.ok) tell(answer.body);
};

actions["remove-user"] = async (button) => {
  const row = rowOf(button);
  const answer = await act(row, "DELETE", path(row));
  if (answer.ok) toast(words.step_done);
};
