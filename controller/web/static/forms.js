// The forms: publishing with its live preview, appointments, and a pass number typed by hand. What
// was typed stays until it has been accepted, across a failure, another language or signing in.

import { actions, call, fill, toast, words } from "./desk.js";
import { scan } from "./passes.js";

const $ = (what, within = document) => within.querySelector(what);

/** The form's fields that count now, as a page sends them: empty ones are left out. */
function values(form) {
  const data = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  return Object.fromEntries(data);
}

async function send(form, method, path, body) {
  const button = $("button.primary", form);
  button.disabled = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const answer = await call(method, path, body);
  button.disabled = false;
  if (answer.ok) return answer.body;
  saySo(form, answer.body.words, "bad");
  const field = $(`[name="${answer.body.field}"]:not(:disabled)`, form);
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
  return null;
}

function saySo(form, text, tone, button = null) {
  const place = $(".said[role]", form);
  place.className = `said ${tone}`;
  place.replaceChildren(text, ...(button ? [button] : []));
  place.hidden = !text;
}

const submit = {
  async scan(form) {
    const { text } = values(form);
    if (text && (await scan(text.trim()))) form.reset();
    form.elements.text.select();
  },
  async appointment(form) {
    const made = await send(form, "POST", "/api/appointments", values(form));
    if (!made) return;
    form.reset();
    saySo(form, fill(words.appointment_made, made), "good");
  },
  async tea(form) {
    const ordered = await send(form, "POST", "/api/tea", values(form));
    if (!ordered) return;
    form.reset();
    toast(words.step_done);
  },
  async publish(form) {
    const { section, show_from, show_until, ...content } = values(form);
    const body = { content, show_from: show_from ?? null, show_until: show_until ?? null };
    const editing = form.dataset.notice;
    const [method, path] = editing
      ? ["PUT", `/api/notices/${editing}`]
      : ["POST", `/api/board/${chosenSection()}`];
    const line = await send(form, method, path, body);
    if (!line) return;
    form.reset();
    saySo(form, editing ? words.saved : words.published, "good", editing ? null : undo(line.id));
  },
};

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

// --- drafts -------------------------------------------------------------------------------------

const nameOfDraft = (form) => `draft-${form.dataset.form}`;

for (const form of document.querySelectorAll("form.form")) {
  form.addEventListener("input", () => {
    const { notice } = form.dataset;
    const draft = { ...values(form), section: form.elements.section?.value, notice };
    sessionStorage.setItem(nameOfDraft(form), JSON.stringify(draft));
  });
  form.addEventListener("reset", () => {
    sessionStorage.removeItem(nameOfDraft(form));
    saySo(form, "", "good");
  });
}

function takeUpDraft(form) {
  const draft = sessionStorage.getItem(nameOfDraft(form));
  return draft === null ? null : JSON.parse(draft);
}

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
      line.classList.toggle("replaced", line.dataset.line === publishing.dataset.notice);
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
  const { section, fields } = button.dataset;
  const { notice } = button.closest("[data-notice]").dataset;
  open({ ...JSON.parse(fields), section, notice });
  publishing.scrollIntoView({ block: "nearest" });
  $("fieldset:not([hidden]) input, fieldset:not([hidden]) textarea", publishing).focus();
}

function open({ section, notice, ...fields }) {
  for (const field of publishing.elements) if (field.matches("input, textarea")) field.value = "";
  publishing.elements.section.value = section;
  if (notice) publishing.dataset.notice = notice;
  follow();
  put(publishing, fields);
  setEditing(Boolean(notice));
}

function setEditing(on) {
  const button = $("button.primary", publishing);
  button.textContent = on ? button.dataset.edit : button.dataset.new;
  publishing.elements.section.disabled = on;
  document.getElementById("editing").hidden = !on;
  if (!on) delete publishing.dataset.notice;
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
      setEditing(false);
    });
  });
  document.addEventListener("swapped", follow);
  open(takeUpDraft(publishing) ?? { section: chosenSection() });
}

const appointment = $('form[data-form="appointment"]');
if (appointment) put(appointment, takeUpDraft(appointment) ?? {});
