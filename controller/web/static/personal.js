// A colleague's own page for saying where they are: its link is made and revoked here, and shown once.

import { act, actions, toast, words } from "./desk.js";

const dialog = document.getElementById("personal");
const path = () => `/api/colleagues/${dialog.dataset.person}/link`;

function show(link) {
  const [code, address] = [dialog.querySelector(".code"), dialog.querySelector(".address")];
  code.hidden = address.hidden = !link;
  code.innerHTML = link?.qr ?? "";
  address.textContent = link?.url ?? "";
}

actions["personal-link"] = (button) => {
  const form = button.closest("form");
  dialog.dataset.person = form.dataset.person;
  document.getElementById("personal-name").textContent = form.querySelector("h2").textContent;
  show(null);
  dialog.showModal();
};

actions["personal-make"] = async () => {
  const answer = await act(dialog, "POST", path());
  if (answer.ok) show(answer.body);
};

actions["personal-revoke"] = async () => {
  const answer = await act(dialog, "DELETE", path());
  if (!answer.ok) return;
  show(null);
  toast(words.link_revoked);
};
