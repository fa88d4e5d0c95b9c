// The guard's page. The gate decides and keeps; here a result is shown large and heard. What comes
// from a scanner or a camera is handed over as text, and is never typed, opened or followed.

import "./language.js";
import { freshId } from "./ids.js";
import { listen } from "./scanner.js";
import { allowSound, beep, isSilenced } from "./tones.js";

export const words = JSON.parse(document.getElementById("words").textContent);
const byId = (id) => document.getElementById(id);
const SIGNS = { good: "✓", odd: "!", bad: "✕" };
const PATIENCE = 5_000;
const LONGEST = 20_000;

let shown = Number(byId("result").dataset.seq);

/** Which way this page scans: "in", "out", or null for whichever comes next. */
export const direction = () => document.querySelector("[name=direction]:checked").value || null;

// --- talking to the gate --------------------------------------------------------------------------

async function request(method, path, body) {
  const json = typeof body === "string" ? { "content-type": "application/json" } : {};
  const response = await fetch(path, {
    method, body, headers: json, signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status === 401) location.assign("/signin");
  return response;
}

export async function scan(text, way = direction()) {
  const body = JSON.stringify({ id: freshId(), text: text.slice(0, LONGEST), direction: way });
  // The same id on every try: a scan whose answer was lost is not done twice.
  for (let tries = 3; tries; tries--) {
    try {
      const response = await request("POST", "/api/scans", body);
      if (response.ok) return show(await response.json());
      return show({ tone: "bad", words: (await response.json()).words, advice: "", detail: "" });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  show({ tone: "bad", words: words.no_answer, advice: words.no_answer_advice, detail: "" });
}

export function show({ tone, words: said, advice, detail, lines = [], seq = 0 }) {
  if (seq) shown = Math.max(shown, seq);
  const place = byId("result");
  place.className = `verdict ${tone}`;
  place.querySelector(".sign").textContent = SIGNS[tone];
  place.querySelector("b").textContent = said;
  place.querySelector(".advice").textContent = advice;
  place.querySelector(".detail").textContent = detail;
  const list = place.querySelector(".lines");
  list.replaceChildren(...lines.map((line) => {
    const entry = document.createElement("li");
    entry.textContent = line;
    return entry;
  }));
  list.hidden = !lines.length;
  // The same words again are a new result: let it be seen.
  place.getAnimations({ subtree: true }).forEach((animation) => animation.cancel());
  place.querySelector(".sign").animate?.(
    [{ transform: "scale(.6)" }, { transform: "scale(1)" }],
    { duration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 160 },
  );
  beep(tone);
  showSilence();
}

listen((text) => scan(text));

// --- what changes by itself -------------------------------------------------------------------------

async function refresh(topic) {
  for (const region of document.querySelectorAll(`[data-on="${topic}"]`)) {
    try {
      const response = await request("GET", `/fragments/${region.dataset.region}`);
      if (response.ok) region.innerHTML = await response.text();
      lost(false);
    } catch {
      lost(true);
    }
  }
}

/** Somebody scanned with the serial scanner, or on another page of this gate. */
async function newest() {
  try {
    const response = await request("GET", "/api/scans/last");
    if (response.status !== 200) return;
    const answer = await response.json();
    if (answer.seq > shown) show(answer);
  } catch {
    lost(true);
  }
}

function lost(isLost) {
  byId("lost").hidden = !isLost;
}

let waiting = 0;

const source = new EventSource("/api/events");
source.onmessage = ({ data }) => {
  void refresh("devices");
  if (!data.split(" ").includes("passes")) return;
  void refresh("passes");
  // Our own answer arrives by itself, and is not to be shown twice.
  clearTimeout(waiting);
  waiting = setTimeout(newest, 250);
};
source.onopen = () => lost(false);
source.onerror = () => lost(true);
addEventListener("pagehide", () => source.close());
// The list grows older by itself.
setInterval(() => refresh("devices"), 10_000);

// --- what the guard presses -------------------------------------------------------------------------

const actions = {
  "sign-out": async () => {
    await request("DELETE", "/api/session");
    location.assign("/signin");
  },
  sound: () => {
    allowSound();
    byId("silent").hidden = true;
  },
};

export function on(name, act) {
  actions[name] = act;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) void actions[button.dataset.do]?.(button);
});

byId("number").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.elements.text;
  const text = field.value.trim();
  // "in" only asks how it stands: a number lets nobody in.
  if (text) void scan(text, event.submitter?.value ?? "out");
  field.value = "";
});

addEventListener("pointerdown", () => allowSound(), { once: true });

function showSilence() {
  byId("silent").hidden = !isSilenced();
}
