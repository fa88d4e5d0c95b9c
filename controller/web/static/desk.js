// The page itself: regions that are rendered again when they are out of date, and what its buttons
// do. Everything is decided by the controller; a failed action says so and loses nothing typed.

import { forget } from "./drafts.js";
import "./language.js";
import { forgetList } from "./rollcall-keep.js";
import { askToRevoke, confirmScan, scan, showPass } from "./passes.js";

export const words = JSON.parse(document.getElementById("words").textContent);
export const page = document.body.dataset.page;
const byId = (id) => document.getElementById(id);

export function fill(text, places) {
  return text.replace(/\{(\w+)\}/g, (_, name) => places[name] ?? "");
}

// --- talking to the controller ------------------------------------------------------------------

const PATIENCE = 10_000;
let clockAhead = 0;
let leaving = false;

/** Once: a second navigation would cut the first one off. */
function leave() {
  if (!leaving) location.assign("/signin");
  leaving = true;
}

async function request(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
  if (response.status === 401) leave();
  clockAhead = Date.parse(response.headers.get("date") ?? "") - Date.now() || 0;
  return response;
}

/** The answer as {ok, body}; without a connection its words say so. Never throws. */
export async function call(method, path, body) {
  try {
    const response = await request(method, path, body);
    const text = await response.text();
    return { ok: response.ok, body: text ? JSON.parse(text) : {} };
  } catch {
    return { ok: false, body: { code: "offline", words: words.offline } };
  }
}

/** Why something was not done: what asks for a look says itself what to look at. */
export const said = ({ words, warnings }) => warnings?.map((one) => one.words).join(" ") ?? words;

let toastTimer = 0;

export function toast(text, tone = "good") {
  const place = byId("toast");
  place.textContent = text;
  place.classList.toggle("bad", tone === "bad");
  place.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (place.hidden = true), tone === "bad" ? 10_000 : 5_000);
}

// --- regions ------------------------------------------------------------------------------------

const regions = [...document.querySelectorAll("[data-region]")];
const stale = new Set();
let refreshing = false;
let pressed = false;
let composing = false;
let streaming = true;
let reachable = true;

/** Render again what shows one of `topics`. What becomes stale meanwhile is rendered once more
 * after. */
export function refresh(...topics) {
  for (const region of regions) {
    if (region.dataset.on.split(" ").some((topic) => topics.includes(topic))) stale.add(region);
  }
  if (!refreshing) void refreshAll();
}

/** Render one region again, whatever has changed. */
export function renew(name) {
  stale.add(regions.find((region) => region.dataset.region === name));
  if (!refreshing) void refreshAll();
}

const held = () => pressed || composing;

async function refreshAll() {
  refreshing = true;
  while (stale.size && !held()) {
    const now = [...stale];
    stale.clear();
    reachable = await load(now);
    showConnection();
    if (!reachable) await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  refreshing = false;
}

async function load(outdated) {
  try {
    // What the address asks for, such as a day of the log, is asked for again.
    const asked = location.search.replace("?", "&");
    const names = outdated.map((region) => region.dataset.region);
    const response = await request("GET", `/desk/fragments/${names.join()}?page=${page}${asked}`);
    if (!response.ok) throw new Error(String(response.status));
    const fresh = document.createElement("template");
    fresh.innerHTML = await response.text();
    // What was asked for before a button went down, or a word was begun, came while it is held: it
    // is asked for again.
    if (held()) {
      for (const region of outdated) stale.add(region);
      return true;
    }
    for (const region of outdated) {
      swap(region, fresh.content.querySelector(`[data-region="${region.dataset.region}"]`));
    }
    return true;
  } catch {
    for (const region of outdated) stale.add(region);
    return false;
  }
}

/** Put new content in, and keep what the clerk has under the hands: focus, choices, a first tap. */
function swap(region, fresh) {
  const html = fresh.innerHTML;
  if (region.shown === html) return;
  region.shown = html;
  const focused = region.contains(document.activeElement) ? document.activeElement : {};
  const { selectionStart: start, selectionEnd: end, selectionDirection: way } = focused;
  const chosen = [...region.querySelectorAll("select[id], input[id]")]
    .filter((field) => field.type !== "checkbox" && field.value !== field.defaultValue)
    .map((field) => [field.id, field.value]);
  const leaders = [...region.querySelectorAll("[data-leader]:checked")].map((box) => box.id);
  region.replaceChildren(...fresh.childNodes);
  for (const [id, value] of chosen) if (byId(id)) byId(id).value = value;
  for (const id of leaders) if (byId(id)) byId(id).checked = true;
  if (armed && byId(armed.id)) arm(byId(armed.id));
  const again = focused.id && byId(focused.id);
  if (again) again.focus();
  // Only fields of text have a caret.
  if (again && Number.isInteger(start)) again.setSelectionRange(start, end, way);
  const waiting = document.querySelector(".badge")?.textContent;
  document.title = (waiting ? `(${waiting}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  document.dispatchEvent(new CustomEvent("swapped", { detail: region.dataset.region }));
}

// A field must not be exchanged while an input method composes in it: the raw letters would stay.
addEventListener("compositionstart", () => (composing = true), true);
addEventListener("compositionend", () => {
  composing = false;
  setTimeout(() => refreshing || void refreshAll());
}, true);
// A button must not be exchanged between the press and the release: the click would be lost.
addEventListener("pointerdown", () => (pressed = true), true);
// A list that drops down tells of no release: a choice or a key ends it, too.
for (const end of ["pointerup", "pointercancel", "change", "keyup"]) {
  addEventListener(end, () => setTimeout(() => {
    pressed = false;
    if (!refreshing) void refreshAll();
  }), true);
}

function showConnection() {
  byId("lost").hidden = streaming && reachable;
}

function listen() {
  const source = new EventSource("/api/events");
  source.onopen = () => {
    streaming = true;
    showConnection();
  };
  source.onmessage = (event) => refresh(...event.data.split(" "));
  source.onerror = () => {
    streaming = false;
    showConnection();
    if (source.readyState !== EventSource.CLOSED) return;
    // Refused, not merely cut off: if the session is over, this leads to signing in.
    void call("GET", "/api/screens");
    setTimeout(listen, 2_000);
  };
  addEventListener("pagehide", () => source.close());
}

listen();
// Overdue marks come with time alone, and a dead line shows itself only to those who ask.
setInterval(() => refresh("passes", "log"), 20_000);
setInterval(() => {
  for (const place of document.querySelectorAll("time[data-since]")) {
    place.textContent = ago(Date.now() + clockAhead - Date.parse(place.dataset.since));
  }
  for (const place of document.querySelectorAll("time[data-until]")) {
    const left = Date.parse(place.dataset.until) - Date.now() - clockAhead;
    place.textContent = fill(words.left, { seconds: Math.max(0, Math.floor(left / 1_000)) });
  }
}, 1_000);

function ago(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  const [minutes, hours] = [Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  if (hours) return fill(words.hours, { hours, minutes: minutes % 60 });
  if (minutes) return fill(words.minutes, { minutes, seconds: seconds % 60 });
  return fill(words.seconds, { seconds });
}

// --- buttons ------------------------------------------------------------------------------------

let armed = null;

/** A button with consequences asks for a second tap, and forgets the first one after a while. */
function arm(button) {
  disarm();
  armed = { id: button.id, button, text: button.textContent };
  armed.why = button.closest(".card")?.querySelector(".why");
  armed.timer = setTimeout(disarm, 10_000);
  if (armed.why) armed.why.hidden = false;
  button.textContent = button.dataset.sure;
  button.classList.add("armed");
}

function disarm() {
  if (!armed) return;
  clearTimeout(armed.timer);
  armed.button.textContent = armed.text;
  armed.button.classList.remove("armed");
  if (armed.why) armed.why.hidden = true;
  armed = null;
}

async function decide(button, decision = button.dataset.do) {
  const card = button.closest("[data-visit]");
  const choice = card.querySelector("[data-class]");
  const body = { decision };
  if (decision === "admit" && card.querySelector("[data-leader]")?.checked) body.to_leader = true;
  if (button.dataset.reason) body.reason = button.dataset.reason;
  if (choice.value !== choice.dataset.class) body.category = choice.value;
  const answer = await act(card, "POST", `/api/visits/${card.dataset.visit}/decision`, body);
  if (!answer.ok) return;
  const places = { name: answer.body.visit.name, number: numbers(answer.body.passes) };
  toast(fill(words[`done_${body.decision}`], places));
}

/** The numbers of a party's passes, which follow one another. */
const numbers = (passes) =>
  [...new Set([passes.at(0)?.number, passes.at(-1)?.number])].filter(Boolean).join("–");

/** The clerk says that a walk-in is an expected guest. */
async function join(button) {
  const card = button.closest("[data-visit]");
  const body = { appointment: Number(button.dataset.appointment) };
  const answer = await act(card, "POST", `/api/visits/${card.dataset.visit}/appointment`, body);
  if (!answer.ok) return;
  const { visit, passes } = answer.body;
  const places = { name: visit.name, number: numbers(passes) };
  toast(fill(passes.length ? words.done_admit : words.joined, places));
}

/** Call with the card's buttons held; say what went wrong. What was sent is no draft any more. */
export async function act(around, method, path, body) {
  const buttons = [...around.querySelectorAll("button:not([disabled])")];
  for (const button of buttons) button.disabled = true;
  const answer = await call(method, path, body);
  for (const button of buttons) button.disabled = false;
  if (answer.ok) forget(around);
  else toast(said(answer.body), "bad");
  return answer;
}

const row = (button) => button.closest("[data-number]").dataset;

export const actions = {
  admit: decide,
  ask_to_wait: decide,
  refuse: decide,
  join,
  "refuse-because": (button) => decide(button, "refuse"),
  answer: (button) => {
    const card = button.closest("[data-call]");
    return act(card, "POST", `/api/help/${card.dataset.call}/answer`);
  },
  "show-pass": (button) => showPass(row(button)),
  "revoke-pass": (button) => askToRevoke(row(button)),
  "sign-visitor-in": (button) => scan(row(button).number, "in", true),
  "sign-visitor-out": (button) => scan(row(button).number, "out"),
  "take-down": async (button) => {
    const line = button.closest("[data-notice]");
    const answer = await act(line, "DELETE", `/api/notices/${line.dataset.notice}`);
    if (answer.ok) toast(words.taken_down);
  },
  // What asks for a look first is published by the same button, knowingly.
  issue: async (button) => {
    const line = button.closest("[data-notice]");
    const body = { anyway: Boolean(button.dataset.anyway) };
    const answer = await act(line, "POST", `/api/notices/${line.dataset.notice}/publish`, body);
    if (answer.ok) return toast(words.published);
    if (answer.body.warnings) button.textContent = button.dataset.anyway = words.anyway;
  },
  announce: async (button) => {
    const path = `/api/appointments/${button.dataset.appointment}/notice`;
    const answer = await act(button.parentElement, "POST", path);
    if (answer.ok) toast(words.announced);
  },
  "take-over": async (button) => {
    const around = button.closest("section");
    const of = (name) => around.querySelector(`[name=${name}]`).value;
    const body = { kind: of("kind"), minutes: Number(of("minutes")), text: of("text") };
    const answer = await act(around, "POST", "/api/emergencies", body);
    if (answer.ok) toast(words.taken_over);
  },
  "give-back": async (button) => {
    const line = button.closest("[data-emergency]");
    const answer = await act(line, "DELETE", `/api/emergencies/${line.dataset.emergency}`);
    if (answer.ok) toast(words.given_back);
  },
  help: () => byId("keys").showModal(),
  print: () => print(),
  "close-dialog": (button) => button.closest("dialog").close(),
  "confirm-scan": confirmScan,
  "close-result": () => (byId("result").hidden = true),
  "sign-out": async () => {
    const answer = await call("DELETE", "/api/session");
    if (!answer.ok) return toast(answer.body.words, "bad");
    sessionStorage.clear();
    forgetList();
    leave();
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button || button.disabled) return;
  if (button.dataset.sure && armed?.button !== button) return arm(button);
  disarm();
  void actions[button.dataset.do](button);
});

// --- keys, once the scanner has passed on them (scanner.js) ---------------------------------------

const onCard = (what) =>
  document.activeElement.closest(".card")?.querySelector(what)?.click();

const keys = {
  a: () => onCard('[data-do="admit"], [data-do="answer"]'),
  w: () => onCard('[data-do="ask_to_wait"]'),
  r: () => onCard('[data-do="refuse"]'),
  s: () => byId("pass-number")?.focus(),
  p: () => document.querySelector("#publish fieldset:not([hidden]) input, #publish textarea")?.focus(),
  "/": () => (byId("question") ? byId("question").select() : location.assign("/search")),
  l: () => byId("log-menu")?.showModal(),
  "?": () => byId("keys").showModal(),
  Escape: () => {
    byId("result").hidden = true;
    disarm();
    document.activeElement.blur();
  },
};

document.addEventListener("shortcut", ({ detail: key }) => {
  const menu = document.querySelector("#log-menu[open]");
  menu?.querySelector(`[data-key="${CSS.escape(key.toLowerCase())}"]`)?.click();
  if (document.querySelector("dialog[open]")) return;
  if (/^[1-9]$/.test(key)) document.querySelectorAll(".card")[key - 1]?.focus();
  else keys[key.length === 1 ? key.toLowerCase() : key]?.();
});
