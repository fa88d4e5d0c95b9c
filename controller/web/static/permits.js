// Works permits: a worker's pass from the desk, and lists that stay open when the page is renewed.

import { actions, act, fill, toast, words } from "./desk.js";
import { showPass } from "./passes.js";

function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

actions["issue-pass"] = async (button) => {
  const row = button.closest("[data-row]");
  // The same id on a second press after a failure: nobody gets two passes.
  button.dataset.key ??= freshId();
  const answer = await act(row, "POST", `${row.dataset.path}/pass`, { id: button.dataset.key });
  if (!answer.ok) return;
  delete button.dataset.key;
  const [pass] = answer.body.passes;
  toast(fill(words.worker_pass, { name: pass.name, number: pass.number }));
  showPass({ pass: pass.id, number: pass.number, name: pass.name, until: "" });
};

const open = new Set();

document.addEventListener("toggle", ({ target }) => {
  if (!target.id?.startsWith("workers-") || !target.isConnected) return;
  if (target.open) open.add(target.id);
  else open.delete(target.id);
}, true);

document.addEventListener("swapped", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
});
