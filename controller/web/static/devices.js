// The devices: enrolled with a code that is shown once, changed, looked at and revoked.

import { actions, act, fill, toast, words } from "./desk.js";
import { takeUp } from "./drafts.js";
import { send, submit, values } from "./forms.js";

const byId = (id) => document.getElementById(id);
const form = byId("device");
const title = byId("device-title");
const primary = form?.querySelector("button.primary");
const place = (button) => button.closest("[data-device]");
const path = ({ role, device }) => `/api/devices/${role}/${device}`;

function fit() {
  const board = form.elements.role.value === "board";
  for (const label of form.querySelectorAll("[data-board]")) label.hidden = !board;
}

/** The form for a new device, or for the one that `chosen` names. */
function begin(chosen = null) {
  form.reset();
  const mode = chosen ? "edit" : "new";
  form.dataset.path = chosen ? path(chosen.dataset) : "";
  form.dataset.draft = `device${form.dataset.path}`;
  title.textContent = title.dataset[mode] + (chosen ? ` ${chosen.dataset.device}` : "");
  primary.textContent = primary.dataset[mode];
  form.querySelector('[data-do="stop-device"]').hidden = !chosen;
  form.elements.role.disabled = Boolean(chosen);
  if (chosen) {
    form.elements.role.value = chosen.dataset.role;
    for (const [name, value] of Object.entries(JSON.parse(chosen.dataset.set))) {
      form.elements[name].value = name === "night_light" ? String(value) : value;
    }
    form.elements.night_light.value = closest(JSON.parse(chosen.dataset.set).night_light);
    takeUp(form);
    title.scrollIntoView({ block: "start" });
    form.elements.name.focus();
  }
  fit();
}

function closest(light) {
  const all = [...form.elements.night_light.options].map(({ value }) => value);
  return all.sort((a, b) => Math.abs(a - light) - Math.abs(b - light))[0];
}

function tell({ device, code, ends, command }) {
  const dialog = byId("enrolment");
  const clock = new Date(ends).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  dialog.querySelector(".number").textContent = code;
  dialog.querySelector(".until").textContent = fill(words.code_until, { device, clock });
  dialog.querySelector("code").textContent = command;
  dialog.showModal();
}

submit.device = async () => {
  const { rotation, night_light, ...rest } = values(form);
  const body = { ...rest, rotation: Number(rotation ?? 0), night_light: Number(night_light ?? 1) };
  const editing = form.dataset.path;
  const done = await send(form, editing ? "PUT" : "POST", editing || "/api/devices", body);
  if (!done) return;
  begin();
  if (editing) toast(words.saved);
  else tell(done);
};

actions["edit-device"] = (button) => begin(place(button));
actions["stop-device"] = () => begin();
actions["new-code"] = async (button) => {
  const answer = await act(place(button), "POST", `${path(place(button).dataset)}/code`);
  if (answer.ok) tell(answer.body);
};
actions["revoke-device"] = async (button) => {
  const answer = await act(place(button), "DELETE", path(place(button).dataset));
  if (answer.ok) toast(words.device_revoked);
};
actions["ask-picture"] = async (button) => {
  const answer = await act(place(button), "POST", `${path(place(button).dataset)}/picture`);
  if (answer.ok) toast(words.picture_asked);
};

// Not everybody who sees the devices may change them.
if (form) {
  form.elements.role.addEventListener("change", fit);
  form.addEventListener("reset", () => setTimeout(fit));
  form.addEventListener("taken-up", fit);
  fit();
}
