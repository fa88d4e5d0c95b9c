// The halves: what somebody counted in the drawer, and what was lost.

import { actions, fill, refresh, toast, words } from "./desk.js";
import { takeUp } from "./drafts.js";
import { saySo, send, submit, values } from "./forms.js";

submit.count = async (form) => {
  const counted = await send(form, "POST", "/api/ledger/counts", values(form));
  if (!counted) return;
  form.reset();
  const same = counted.counted === counted.should_be;
  saySo(form, fill(same ? words.count_same : words.count_noted, counted), "good");
};

const dialog = document.getElementById("lost-half");

actions.lost = (button) => {
  const { pass, number, inside } = button.closest("[data-pass]").dataset;
  const form = dialog.querySelector("form");
  Object.assign(form.dataset, { pass, draft: `lost ${pass}` });
  takeUp(form);
  dialog.querySelector("small").textContent = number;
  document.getElementById("lost-duplicate").hidden = !inside;
  dialog.showModal();
};

submit.lost = async (form) => {
  const { what, note = "" } = values(form);
  const done = await send(form, "POST", `/api/passes/${form.dataset.pass}/${what}`, { note });
  if (!done) return;
  dialog.close();
  toast(words.incident_noted);
  refresh("passes");
};
