// A pass: scanned in or out, and shown as a QR code.

import { call, page, refresh, words } from "./desk.js";
import { freshId } from "./ids.js";
import { listen } from "./scanner.js";
import { beep } from "./tones.js";

const byId = (id) => document.getElementById(id);
const SIGNS = { good: "✓", odd: "!", bad: "✕" };
let hideTimer = 0;

/** Judge a scanned text or a pass number, and say the result large. True if it opened. */
export async function scan(text, direction = null) {
  // The same id on every try: a scan whose answer was lost is not done twice.
  const body = { id: freshId(), text, direction };
  let answer = await call("POST", "/api/scans", body);
  for (let tries = 2; !answer.ok && answer.body.code === "offline" && tries; tries--) {
    answer = await call("POST", "/api/scans", body);
  }
  const { tone = "bad", words: said, number = "", name = "" } = answer.body;
  say(tone, said, [number, name].filter(Boolean).join("　"));
  beep(tone);
  if (answer.ok) refresh("passes");
  return answer.ok && answer.body.ok;
}

export function say(tone, head, detail) {
  const place = byId("result");
  place.className = `result ${tone}`;
  place.querySelector(".sign").textContent = SIGNS[tone];
  place.querySelector("b").textContent = head;
  place.querySelector(".detail").textContent = detail;
  place.hidden = false;
  clearTimeout(hideTimer);
  // At the gate the last result stays until the next.
  if (page !== "passes") hideTimer = setTimeout(() => (place.hidden = true), 8_000);
}

export function showPass({ pass, number, name, until }) {
  const slip = byId("slip");
  slip.querySelector("h2").textContent = name;
  slip.querySelector("img").src = `/api/passes/${pass}/qr.svg`;
  slip.querySelector(".number").textContent = number;
  slip.querySelector(".until").textContent = until;
  slip.showModal();
}

/** Which pass is to be taken back, and why: the form in the dialog does the rest. */
export function askToRevoke({ pass, number, name }) {
  const dialog = byId("revoke");
  const form = dialog.querySelector("form");
  if (form.dataset.pass !== pass) form.reset();
  form.dataset.pass = pass;
  dialog.querySelector(".whose").textContent = `${number}　${name}`;
  dialog.querySelector(".said").hidden = true;
  dialog.showModal();
}

listen({
  found: (text) => void scan(text.slice(0, 400)),
  incomplete: () => say("bad", words.scan_incomplete, ""),
});
