// The forms: publishing with its live preview, appointments, and a pass number typed by hand.

import { actions, call, fill, said, toast, words } from "./desk.js";
import { forget, takeUp } from "./drafts.js";
import { freshId } from "./ids.js";
import { look } from "./importing.js";
import { scan } from "./passes.js";

const $ = (what, within = document) => within.querySelector(what);

/** The form's fields that count now, as a page sends them: empty ones are left out. */
export function values(form) {
  const data = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  return Object.fromEntries(data);
}

export async function send(form, method, path, body, again = submit[form.dataset.form]) {
  const button = $("button.primary", form);
  button.disabled = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const answer = await call(method, path, body);
  button.disabled = false;
  if (answer.ok) return answer.body;
  // What asks for a look can be sent all the same: the same words again, knowingly.
  saySo(form, said(answer.body), "bad", answer.body.warnings ? anyway(form, again) : null);
  const field = $(`[name="${answer.body.field}"]:not(:disabled)`, form);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
  return null;
}

/** The body with a key that is the same for as long as the same is sent again, also by a page that
 * was loaded again: whatever became of the first answer, it is done once. `where` is told apart,
 * too, where one form goes to several places. */
export function keyed(form, body, where = "") {
  const [name, text] = [nameOfSent(form), where + JSON.stringify(body)];
  const last = JSON.parse(sessionStorage.getItem(name) ?? "{}");
  const id = last.text === text ? last.id : freshId();
  sessionStorage.setItem(name, JSON.stringify({ text, id }));
  return { ...body, id };
}

function anyway(form, again) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn small";
  button.textContent = form.dataset.anyway ?? words.anyway;
  button.onclick = () => void again(form, true);
  return button;
}

export function saySo(form, text, tone, button = null) {
  const place = $(".said[role]", form);
  place.className = `said ${tone}`;
  place.replaceChildren(text, ...(button ? [button] : []));
  place.hidden = !text;
}

export const submit = {
  async scan(form) {
    const { text } = values(form);
    if (text && (await scan(text.trim()))) form.reset();
    form.elements.text.select();
  },
  async appointment(form) {
    const made = await send(form, "POST", "/api/appointments", keyed(form, wish(form)));
    if (!made) return void showRooms();
    form.reset();
    const said = fill(made.days > 1 ? words.series_made : words.appointment_made, made);
    saySo(form, said, "good", invitation(made.id));
  },
  async permit(form) {
    const said = Object.entries(values(form)).filter(([name]) => !/^day\d$/.test(name));
    const weekdays = [0, 1, 2, 3, 4, 5, 6].filter((day) => form.elements[`day${day}`].checked);
    const body = keyed(form, { ...Object.fromEntries(said), weekdays });
    const filed = await send(form, "POST", "/api/permits", body);
    if (!filed) return;
    form.reset();
    saySo(form, fill(words.permit_filed, filed), "good");
  },
  async colleague(form) {
    const { deputy, channels } = values(form);
    const body = { deputy: deputy ? Number(deputy) : null, channels: channels ?? "" };
    const saved = await send(form, "PUT", `/api/colleagues/${form.dataset.person}`, body);
    if (!saved) return;
    form.elements.channels.value = saved.channels.join("\n");
    saySo(form, words.saved, "good");
  },
  async simulate(form) {
    const answer = await send(form, "POST", "/api/simulate", values(form));
    const place = document.getElementById("simulated");
    place.hidden = !answer;
    if (!answer) return;
    saySo(form, "", "good");
    const facts = answer.lines.map(({ label, text }) => {
      const pair = [document.createElement("dt"), document.createElement("dd")];
      [pair[0].textContent, pair[1].textContent] = [label, text];
      return pair;
    });
    $("dl", place).replaceChildren(...facts.flat());
  },
  import: look,
  async tea(form) {
    const ordered = await send(form, "POST", "/api/tea", keyed(form, values(form)));
    if (!ordered) return;
    form.reset();
    toast(words.step_done);
  },
  async revoke(form) {
    const revoked = await send(form, "POST", `/api/passes/${form.dataset.pass}/revoke`, values(form));
    if (!revoked) return;
    form.closest("dialog").close();
    toast(fill(words.revoked, revoked));
  },
  async cancel(form) {
    const { appointment, key } = form.dataset;
    const body = { id: key, ...values(form) };
    const done = await send(form, "POST", `/api/appointments/${appointment}/cancellation`, body);
    if (!done) return;
    form.closest("dialog").close();
    toast(fill(words.cancelled, done));
  },
  async publish(form, anyway = false) {
    const { section, notice: editing, seen, show_from, show_until, ...content } = values(form);
    const body = { content, show_from: show_from ?? null, show_until: show_until ?? null, anyway };
    const [method, path] = editing
      ? ["PUT", `/api/notices/${editing}`]
      : ["POST", `/api/board/${chosenSection()}`];
    const sent = editing ? { ...body, seen } : keyed(form, body);
    const line = await send(form, method, path, sent);
    if (!line) return;
    form.reset();
    saySo(form, editing ? words.saved : words.published, "good", editing ? null : undo(line.id));
  },
};

function invitation(id) {
  const link = document.createElement("a");
  link.className = "btn small";
  link.href = `/appointments/${id}/invitation`;
  link.textContent = words.invitation;
  return link;
}

function undo(id) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn small";
  button.textContent = words.undo;
  button.onclick = async () => {
    const answer = await call("DELETE", `/api/notices/${id}`);
    if (answer.ok) saySo(publishing, words.taken_down, "good");
    else toast(answer.body.words, "bad");
  };
  return button;
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (!$("button.primary", form).disabled) void submit[form.dataset.form](form);
});

const nameOfSent = (form) => `sent-${form.dataset.form}`;

document.addEventListener("reset", ({ target }) => {
  forget(target);
  sessionStorage.removeItem(nameOfSent(target));
  if ($(".said[role]", target)) saySo(target, "", "good");
});

// Whoever closes a dialog gives up its form.
document.addEventListener("close", ({ target }) => $("form", target)?.reset(), true);

function put(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = $(`[name="${name}"]:not(:disabled)`, form);
    if (field) field.value = value;
  }
}

// --- publishing ---------------------------------------------------------------------------------

const publishing = document.getElementById("publish");
const chosenSection = () => publishing.elements.section.value;

/** Show the chosen section's fields and lines, and the draft on the small board. */
function follow() {
  const section = chosenSection();
  for (const fields of publishing.querySelectorAll("[data-section]")) {
    fields.hidden = fields.disabled = fields.dataset.section !== section;
  }
  for (const list of document.querySelectorAll("div[data-standing]")) {
    list.hidden = list.dataset.standing !== section;
  }
  // Reminders are of no day: they stand until they are taken down.
  const until = publishing.elements.show_until;
  until.placeholder = section === "reminders" ? until.dataset.standing : until.dataset.day;
  for (const panel of document.querySelectorAll("[data-panel]")) {
    const draft = $(".draft", panel);
    draft.textContent = panel.dataset.panel === section ? drafted[section](values(publishing)) : "";
    draft.hidden = !draft.textContent;
    for (const line of panel.querySelectorAll("[data-line]")) {
      line.classList.toggle("replaced", line.dataset.line === publishing.elements.notice.value);
    }
  }
}

const join = (...parts) => parts.filter(Boolean).join(" ");
const stateName = () => $("fieldset:not([hidden]) [name=state]", publishing).selectedOptions[0].text;

/** A draft as the board will put it; nothing while its chief field is empty. */
const drafted = {
  vehicles: (f) => f.plate && join(f.departs, f.plate, f.to, stateName()),
  whereabouts: (f) =>
    f.name &&
    join(f.department, f.name, stateName(), f.place, f.back && fill(words.back_at, { clock: f.back })),
  visits: (f) =>
    f.delegation &&
    join(f.starts, f.delegation, f.headcount && fill(words.people, { count: f.headcount }), f.room),
  reminders: (f) => f.text,
};

/** Who is chosen brings the department along, a car its driver, unless that was typed. */
function bringAlong(event) {
  const pairs = { name: ["people", "department"], plate: ["cars", "driver"] };
  const [list, other] = pairs[event.target.name] ?? [];
  if (!list) return;
  const known = [...document.getElementById(list).options].find((o) => o.value === event.target.value);
  const field = $(`fieldset:not([hidden]) [name=${other}]`, publishing);
  if (known && (!field.value || field.dataset.brought === field.value)) {
    field.value = field.dataset.brought = known.dataset[other];
  }
}

function edit(button) {
  const { section, fields, seen } = button.dataset;
  const { notice } = button.closest("[data-notice]").dataset;
  open({ ...JSON.parse(fields), section, notice, seen });
  publishing.scrollIntoView({ block: "nearest" });
  $("fieldset:not([hidden]) input, fieldset:not([hidden]) textarea", publishing).focus();
}

function open({ section, ...fields }) {
  for (const field of publishing.elements) if (field.matches("input, textarea")) field.value = "";
  publishing.elements.section.value = section;
  follow();
  put(publishing, fields);
  showEditing();
}

function showEditing() {
  const on = Boolean(publishing.elements.notice.value);
  const button = $("button.primary", publishing);
  button.textContent = on ? button.dataset.edit : button.dataset.new;
  publishing.elements.section.disabled = on;
  document.getElementById("editing").hidden = !on;
  follow();
}

if (publishing) {
  actions.edit = edit;
  actions["stop-editing"] = () => publishing.reset();
  publishing.addEventListener("input", bringAlong);
  publishing.addEventListener("input", follow);
  // After the browser's own reset, which comes later; the section stays where the clerk works.
  publishing.addEventListener("reset", () => {
    const section = chosenSection();
    setTimeout(() => {
      publishing.elements.section.value = section;
      showEditing();
    });
  });
  document.addEventListener("swapped", follow);
  publishing.addEventListener("taken-up", showEditing);
  showEditing();
}

/** What is saved is tried out, not what is still being typed. */
actions["try-out"] = async (button) => {
  const form = button.closest("form");
  button.disabled = true;
  const answer = await call("POST", `/api/colleagues/${form.dataset.person}/test`);
  button.disabled = false;
  saySo(form, answer.ok ? words.tried : answer.body.words, answer.ok ? "good" : "bad");
};
// --- appointments -------------------------------------------------------------------------------

const appointment = $('form[data-form="appointment"]');
let asked = 0;

/** The form as an appointment; the ticked days become a list. */
function wish(form) {
  const { kind, until, ...fields } = values(form);
  const said = Object.fromEntries(Object.entries(fields).filter(([name]) => !/^day\d$/.test(name)));
  said.crowded = form.elements.crowded.checked;
  if (kind !== "recurring") return { ...said, kind };
  const weekdays = [0, 1, 2, 3, 4, 5, 6].filter((day) => form.elements[`day${day}`].checked);
  return { ...said, kind, weekdays, until: until ?? null };
}

function showSeries() {
  const series = document.getElementById("series");
  series.hidden = series.disabled = appointment.elements.kind.value !== "recurring";
}

/** Say of every room whether it is free for the chosen time, and propose one that fits. */
async function showRooms() {
  const { starts, ends, party = "1" } = values(appointment);
  const mine = ++asked;
  const wanted = new URLSearchParams({ starts: starts ?? "", party, ...(ends && { ends }) });
  const answer = starts ? await call("GET", `/api/rooms?${wanted}`) : { ok: false };
  if (mine !== asked) return;
  const states = answer.ok ? answer.body.rooms : [];
  const select = appointment.elements.room;
  for (const option of select.options) {
    const state = states.find((room) => String(room.id) === option.value);
    const said = state && (state.free ? words.room_free : words.room_taken);
    if (option.value) option.text = join(option.dataset.holds, said && `· ${said}`);
  }
  propose(states, answer.ok ? answer.body.proposed : "");
}

function propose(states, proposed) {
  const place = document.getElementById("room-proposed");
  const chosen = states.find((room) => String(room.id) === appointment.elements.room.value);
  const small = Boolean(chosen) && chosen.capacity < Number(appointment.elements.party.value);
  place.hidden = !proposed || !chosen || (chosen.free && !small);
  const crowded = document.getElementById("room-crowded");
  crowded.hidden = !small;
  if (!small) appointment.elements.crowded.checked = false;
  place.dataset.room = states.find((room) => room.name === proposed)?.id ?? "";
  $("span", place).textContent = fill(small ? words.room_small : words.room_proposed, { room: proposed });
}

if (appointment) {
  const show = () => {
    showSeries();
    void showRooms();
  };
  for (const field of ["starts", "ends", "party", "room"]) {
    appointment.elements[field].addEventListener("change", showRooms);
  }
  appointment.elements.kind.addEventListener("change", showSeries);
  appointment.addEventListener("reset", () => setTimeout(show));
  appointment.addEventListener("taken-up", show);
  actions["cancel-appointment"] = (button) => {
    const { appointment, name } = button.closest("tr").dataset;
    const dialog = document.getElementById("cancelling");
    const form = $("form", dialog);
    Object.assign(form.dataset, { appointment, draft: `cancel ${appointment}`, key: freshId() });
    $(".whose", dialog).textContent = name;
    takeUp(form);
    dialog.showModal();
  };
  actions["take-room"] = (button) => {
    const { room } = appointment.elements;
    room.value = button.parentElement.dataset.room;
    room.dispatchEvent(new Event("input", { bubbles: true }));
    void showRooms();
  };
  document.addEventListener("swapped", ({ detail }) => {
    if (detail === "appointments") void showRooms();
  });
  show();
}
