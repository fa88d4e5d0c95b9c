// The roll call's page: the list as it was last heard, marks that are kept here before anything
// else, and handed in when there is a server. Works on with every server down.

import "./language.js";
import { freshId } from "./ids.js";
import { dropMarks, forgetList, keepList, keepMark, keptList, keptMarks } from "./rollcall-keep.js";
import { figures, holding, standing } from "./rollcall-state.js";

const words = JSON.parse(document.getElementById("words").textContent);
const { zone } = document.body.dataset;
const byId = (id) => document.getElementById(id);
const PATIENCE = 5_000;
const EVERY = 3_000;
const AT_ONCE = 100;

let list = keptList();
let reachable = true;
let heard = false;
let trouble = "";
let shown = "";

const fill = (text, places) => text.replace(/\{(\w+)\}/g, (_, name) => places[name] ?? "");

// --- handing in, and hearing from others ------------------------------------------------------------

let busy = false;
let again = false;

async function sync() {
  again = true;
  if (busy) return;
  busy = true;
  while (again) {
    again = false;
    try {
      await exchange();
    } catch {
      reachable = false;
    }
    show();
  }
  busy = false;
}

async function exchange() {
  const waiting = keptMarks();
  const marks = waiting.slice(0, AT_ONCE).map(({ by, ...mark }) => mark);
  if (!marks.length) return hear(await request("GET", "/api/rollcall"));
  const done = await hear(await request("POST", "/api/rollcall/marks", { marks }));
  if (!done) return;
  dropMarks(marks.map((mark) => mark.id));
  again ||= waiting.length > marks.length;
}

function request(method, path, body) {
  return fetch(path, {
    method,
    headers: body ? { "content-type": "application/json" } : {},
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE),
  });
}

/** Take what a server says; what it refuses stays here, with its reason on the page. */
async function hear(response) {
  if (response.status >= 500) throw new Error(String(response.status));
  const answer = await response.json();
  reachable = true;
  trouble = response.ok ? "" : response.status === 401 ? words.sign_in_again : answer.words;
  if (!response.ok) return false;
  list = answer;
  heard = true;
  kept = keepList(list);
  return true;
}

// --- marking ----------------------------------------------------------------------------------------

function mark(number, what, undoes = []) {
  keepMark({
    id: freshId(), number, mark: what, undoes, by: words.me, at: new Date().toISOString(),
    roll: list?.roll?.id ?? 0,
  });
  show();
  void sync();
}

const actions = {
  found: (number) => mark(number, "found"),
  not_found: (number) => mark(number, "not_found"),
  taken_back: (number) => mark(number, "taken_back", holding(everyMark(), number)),
  begin: () => order("/api/rollcall"),
  end: () => order("/api/rollcall/end"),
  print: () => print(),
};

async function order(path) {
  try {
    await hear(await request("POST", path));
  } catch {
    trouble = words.no_answer;
  }
  show();
}

let armed = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  // What has consequences asks for a second tap.
  if (button.dataset.sure && armed !== button) {
    armed = button;
    const text = button.textContent;
    button.textContent = button.dataset.sure;
    setTimeout(() => {
      button.textContent = text;
      armed = null;
    }, 4_000);
    return;
  }
  void actions[button.dataset.do](button.closest("[data-number]")?.dataset.number);
});

// --- what is shown ----------------------------------------------------------------------------------

function everyMark() {
  const mine = keptMarks();
  const ids = new Set(mine.map((one) => one.id));
  return [...(list?.marks ?? []).filter((one) => !ids.has(one.id)), ...mine];
}

function show() {
  if (list && Date.parse(list.kept_until) < Date.now()) {
    list = null;
    forgetList();
  }
  say("lost", reachable || !list ? "" : fill(words.lost, { clock: clock(list.now) }));
  say("trouble", trouble || (list ? "" : heard || !reachable ? words.no_list : ""));
  if (!list) return byId("people").replaceChildren();
  const marks = everyMark();
  for (const [name, count] of Object.entries(figures(list.people, marks))) {
    byId(`figure-${name}`).textContent = count;
  }
  showRoll();
  showPeople(standing(marks));
  const places = { clock: clock(new Date().toISOString()), heard: clock(list.now) };
  byId("printed").textContent = fill(words.printed, places);
}

function say(id, text) {
  byId(id).textContent = text;
  byId(id).hidden = !text;
}

function showRoll() {
  const { roll } = list;
  const waiting = keptMarks().length;
  const now = roll
    ? fill(words.going_on, { by: roll.opened_by, clock: clock(roll.opened_at) })
    : words.not_begun;
  byId("roll").textContent = now + (waiting ? ` · ${fill(words.waiting, { count: waiting })}` : "");
  byId("begin").hidden = Boolean(roll);
  byId("end").hidden = !roll;
}

function showPeople(stands) {
  // Without a server nobody can begin one, and marks alone do.
  const marking = Boolean(list.roll) || !reachable || keptMarks().length > 0;
  const onlyMissing = byId("only-missing").checked;
  const state = JSON.stringify([list.people, [...stands.values()], marking, onlyMissing]);
  if (state === shown) return;
  shown = state;
  const places = Map.groupBy?.(list.people, placeOf) ?? grouped(list.people);
  const sections = [...places].sort(([a], [b]) => a.localeCompare(b)).map(([place, people]) => {
    const rows = people.map((one) => row(one, stands.get(one.number), marking))
      .filter((made) => !onlyMissing || made.className === "" || made.className === "not_found");
    return rows.length ? section(place, rows) : null;
  });
  const nobody = make("p", "calm", list.people.length ? words.all_found : words.nobody);
  const made = sections.filter(Boolean);
  byId("people").replaceChildren(...(made.length ? made : [nobody]));
}

const placeOf = (one) => one.destination || one.host || words.no_place;

function grouped(people) {
  const places = new Map();
  for (const one of people) places.set(placeOf(one), [...(places.get(placeOf(one)) ?? []), one]);
  return places;
}

function section(place, rows) {
  const made = make("section");
  const body = make("ul");
  body.append(...rows);
  made.append(make("h2", "", place), body);
  return made;
}

function row(one, stand, marking) {
  const made = make("li", one.presence === "out" ? "out" : stand?.mark ?? "");
  made.dataset.number = one.number;
  const who = make("div", "who");
  who.append(make("b", "", one.name || one.number));
  if (one.name) who.append(make("span", "number", one.number));
  if (one.presence === "unknown") who.append(make("span", "chip bad", words.unknown));
  if (one.overdue) who.append(make("span", "chip mid", words.overdue));
  const facts = [one.host, fill(words.since, { clock: clock(one.since) })].filter(Boolean);
  const how = make("div", "how");
  if (one.presence === "out") how.append(fill(words.left, { clock: clock(one.left_at) }));
  else if (stand) how.append(fill(words[`said_${stand.mark}`], { ...stand, clock: clock(stand.at) }));
  made.append(make("span", "box"), who, make("div", "facts", facts.join(" · ")), how);
  if (one.presence !== "out" && marking) made.append(acts(one, stand));
  return made;
}

function acts(one, stand) {
  const made = make("div", "acts");
  const add = (what, look) => {
    const button = make("button", `btn ${look}`, words[`do_${what}`]);
    Object.assign(button, { type: "button", id: `${what}-${one.number}` });
    button.dataset.do = what;
    button.setAttribute("aria-label", `${words[`do_${what}`]} ${one.name || one.number}`);
    made.append(button);
  };
  if (stand?.mark !== "found") add("found", "primary");
  if (!stand) add("not_found", "stop");
  if (stand) add("taken_back", "");
  return made;
}

function make(name, className = "", text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function clock(moment) {
  if (!moment) return "";
  const at = new Date(moment);
  const day = (date) => date.toLocaleDateString("en-CA", { timeZone: zone });
  const time = at.toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  return day(at) === day(new Date()) ? time : `${day(at).slice(5)} ${time}`;
}

// --- keeping the page itself ------------------------------------------------------------------------

let kept = true;

async function keepPage() {
  // Browsers give this to pages over HTTPS and from the machine itself alone.
  if (!("serviceWorker" in navigator)) return words.not_secure;
  try {
    await navigator.serviceWorker.register("/rollcall-worker.js", { scope: "/rollcall" });
    await navigator.serviceWorker.ready;
    void navigator.storage?.persist?.();
    return kept ? words.kept : words.not_kept;
  } catch {
    return words.not_kept;
  }
}

byId("only-missing").addEventListener("change", show);
addEventListener("online", sync);
addEventListener("beforeprint", show);
setInterval(sync, EVERY);
show();
void sync().then(keepPage).then((said) => {
  byId("kept").textContent = said;
  document.body.dataset.kept = said === words.kept ? "yes" : "no";
});
