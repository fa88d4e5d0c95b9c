// Signing in, at the desk with a password or at a gate with its PIN. The session is a cookie that no script can read.

import "./language.js";

const form = document.getElementById("sign-in");
const said = form.querySelector(".said");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button.primary");
  button.disabled = true;
  said.hidden = true;
  try {
    const response = await fetch("/api/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    if (response.ok) return location.assign("/");
    said.textContent = (await response.json()).words;
  } catch {
    said.textContent = form.dataset.offline;
  }
  said.hidden = false;
  button.disabled = false;
  form.querySelector("[type=password]").select();
});
