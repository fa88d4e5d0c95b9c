// One's own account: another password, and signing out everywhere.

import "./language.js";
import { forgetList } from "./rollcall-keep.js";

const form = document.getElementById("account");
const said = form.querySelector("[role=alert]");

/** What was answered, where it was done; a refusal is said. */
async function ask(method, path, body) {
  said.hidden = true;
  try {
    const response = await fetch(path, {
      method,
      headers: body ? { "content-type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
    if (response.ok) return response.status === 204 ? {} : await response.json();
    said.textContent = (await response.json()).words;
  } catch {
    said.textContent = form.dataset.offline;
  }
  said.className = "said bad";
  said.hidden = false;
  return null;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button.primary");
  button.disabled = true;
  const [old, fresh] = ["old", "new"].map((name) => form.elements[name].value);
  if (await ask("PUT", "/api/account/password", { old, new: fresh })) location.assign("/");
  button.disabled = false;
});

document.getElementById("everywhere").addEventListener("click", async () => {
  if (!(await ask("DELETE", "/api/account/sessions"))) return;
  sessionStorage.clear();
  forgetList();
  location.assign("/signin");
});

const feed = document.getElementById("feed");
const hide = (id, hidden) => (document.getElementById(id).hidden = hidden);

document.getElementById("feed-make")?.addEventListener("click", async () => {
  const made = await ask("POST", "/api/account/calendar");
  if (!made) return;
  feed.textContent = made.url;
  feed.hidden = false;
  hide("feed-told", false);
  hide("feed-revoke", false);
});

document.getElementById("feed-revoke")?.addEventListener("click", async () => {
  if (await ask("DELETE", "/api/account/calendar")) location.reload();
});
