// A pass: scanned in or out, and shown as a QR code.

import { call, fill, page, refresh, words } from "./desk.js";

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

function freshId() {
  // Not randomUUID: a phone that comes by plain HTTP does not have it.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

let sound = null;

function beep(tone) {
  try {
    sound ??= new AudioContext();
    const notes = { good: [880], odd: [660, 660], bad: [220, 220] }[tone];
    notes.forEach((pitch, index) => note(pitch, sound.currentTime + index * 0.18));
  } catch {
    // A machine without sound still shows the result.
  }
}

function note(pitch, at) {
  const [tone, loudness] = [sound.createOscillator(), sound.createGain()];
  tone.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.15, at);
  loudness.gain.exponentialRampToValueAtTime(0.001, at + 0.14);
  tone.connect(loudness).connect(sound.destination);
  tone.start(at);
  tone.stop(at + 0.15);
}
