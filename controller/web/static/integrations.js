// Other programs: a token or a secret is shown once, and never fetched again.

import { actions, act, toast, words } from "./desk.js";
import { send, submit, values } from "./forms.js";

const dialog = document.getElementById("secret");

function tell(title, whose, secret) {
  dialog.querySelector("h2").textContent = title;
  dialog.querySelector(".whose").textContent = whose;
  dialog.querySelector(".address").textContent = secret;
  dialog.showModal();
}

dialog.addEventListener("close", () => (dialog.querySelector(".address").textContent = ""));

/** The names of the boxes of a list that are ticked. */
const ticked = (form) =>
  [...form.querySelectorAll("fieldset [type=checkbox]:checked")].map(({ name }) => name);

submit.client = async (form) => {
  const { client, ends_on } = values(form);
  const body = { client, scopes: ticked(form), ...(ends_on && { ends_on }) };
  const made = await send(form, "POST", "/api/clients", body);
  if (!made) return;
  form.reset();
  tell(words.client_token, made.client.name, made.token);
};

actions["revoke-client"] = async (button) => {
  const row = button.closest("[data-client]");
  const answer = await act(row, "DELETE", `/api/clients/${row.dataset.client}`);
  if (answer.ok) toast(words.step_done);
};

submit.webhook = async (form) => {
  const { address } = values(form);
  const body = { address, events: ticked(form), names: form.elements.names.checked };
  const made = await send(form, "POST", "/api/webhooks", body);
  if (!made) return;
  form.reset();
  tell(words.webhook_secret, made.webhook.address, made.secret);
};

const webhook = async (button, method, path = "") => {
  const row = button.closest("[data-webhook]");
  return act(row, method, `/api/webhooks/${row.dataset.webhook}${path}`);
};

actions["test-webhook"] = async (button) => {
  const answer = await webhook(button, "POST", "/test");
  if (answer.ok) toast(words.webhook_tested);
};

actions["rotate-webhook"] = async (button) => {
  const { ok, body } = await webhook(button, "POST", "/secret");
  if (ok) tell(words.webhook_secret, body.webhook.address, body.secret);
};

actions["remove-webhook"] = async (button) => {
  const answer = await webhook(button, "DELETE");
  if (answer.ok) toast(words.step_done);
};
