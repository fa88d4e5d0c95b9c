// A pass: scanned in or out, and shown as a QR code.

import { call, page, refresh } from "./desk.js";
import { takeUp } from "./drafts.js";
import { freshId } from "./ids.js";
import { listen } from "./scanner.js";
import { beep } from "./tones.js";

const byId = (id) => document.getElementById(id);
const LONGEST = 20_000;
const SIGNS = { good: "✓", odd: "!", bad: "✕" };
let hideTimer = 0;

/** Judge a scanned text or a typed number, and say the result large. True if it opened. A number
 * that is not yet `seen` asks whether it is its holder, or these are the goods. */
export async function scan(text, direction = null, seen = false) {
  // The same id on every try: a scan whose answer was lost is not done twice.
  const body = { id: freshId(), text, direction, seen };
  let answer = await call("POST", "/api/scans", body);
  for (let tries = 2; !answer.ok && answer.body.code === "offline" && tries; tries--) {
    answer = await call("POST", "/api/scans", body);
  }
  const { tone = "bad", words: said, number = "", name = "", lines = [], asks } = answer.body;
  say(tone, said, [number, name].filter(Boolean).join("　"), lines);
  confirm = asks ? () => scan(text, direction ?? answer.body.direction, true) : null;
  byId("confirm-scan").hidden = !asks;
  beep(tone);
  if (answer.ok) refresh("passes", "goods");
  return answer.ok && answer.body.ok;
}

let confirm = null;

export function confirmScan() {
  void confirm?.();
}

export function say(tone, head, detail, lines = []) {
  confirm = null;
  byId("confirm-scan").hidden = true;
  const place = byId("result");
  place.className = `result ${tone}`;
  place.querySelector(".sign").textContent = SIGNS[tone];
  place.querySelector("b").textContent = head;
  place.querySelector(".detail").textContent = detail;
  list(place.querySelector(".lines"), lines);
  place.hidden = false;
  clearTimeout(hideTimer);
  // At the gate the last result stays until the next, and so does what somebody is to compare.
  if (page !== "passes" && !lines.length) hideTimer = setTimeout(() => (place.hidden = true), 8_000);
}

function list(place, lines) {
  place.replaceChildren(...lines.map((line) => {
    const entry = document.createElement("li");
    entry.textContent = line;
    return entry;
  }));
  place.hidden = !lines.length;
}

export function showPass({ pass, ...said }) {
  showCode(`/api/passes/${pass}/qr.svg`, said);
}

/** Show a code large, with what stands on its slip. */
export function showCode(code, { number, name, until, lines = [] }) {
  const slip = byId("slip");
  slip.querySelector("h2").textContent = name;
  slip.querySelector("img").src = code;
  slip.querySelector(".number").textContent = number;
  slip.querySelector(".until").textContent = until;
  list(slip.querySelector(".lines"), lines);
  slip.showModal();
}

/** Which pass is to be taken back, and why: the form in the dialog does the rest. */
export function askToRevoke({ pass, number, name }) {
  const dialog = byId("revoke");
  const form = dialog.querySelector("form");
  Object.assign(form.dataset, { pass, draft: `revoke ${pass}` });
  takeUp(form);
  dialog.querySelector(".whose").textContent = `${number}　${name}`;
  dialog.showModal();
}

listen((text) => {
  const place = document.activeElement.closest("[data-takes-codes]");
  if (place) return place.dispatchEvent(new CustomEvent("scanned", { detail: text }));
  // Whole, so that what is too long for a pass is kept as that.
  return scan(text.slice(0, LONGEST));
});
