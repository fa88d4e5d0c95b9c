// Importing a list of expected visitors: chosen or pasted, looked at, then kept.

import { actions, call, fill, toast, words } from "./desk.js";

const byId = (id) => document.getElementById(id);
const MOST = 700_000; // bytes: in base64, and with what is around it, a request holds no more
let chosen = "";

/** The list as base64: the file's own bytes, whatever their encoding, or what was pasted. */
async function content(form) {
  const [file] = byId("import-file").files;
  if (file && file.size > MOST) return null;
  const bytes = file
    ? new Uint8Array(await file.arrayBuffer())
    : new TextEncoder().encode(form.elements.pasted.value);
  if (bytes.length > MOST) return null;
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function saySo(form, text, tone) {
  const place = form.querySelector(".said");
  place.className = `said ${tone}`;
  place.textContent = text;
  place.hidden = !text;
}

export async function look(form) {
  const button = form.querySelector("button.primary");
  chosen = await content(form);
  byId("imported").hidden = true;
  if (chosen === null) return saySo(form, words.import_too_large, "bad");
  button.disabled = true;
  const answer = await call("POST", "/api/imports/preview", { content: chosen });
  button.disabled = false;
  saySo(form, answer.ok ? "" : answer.body.words, "bad");
  if (answer.ok) show(answer.body);
}

function show({ good, known, bad, lines }) {
  const place = byId("imported");
  place.querySelector("small").textContent = fill(words.import_counts, { good, known, bad });
  place.querySelector("tbody").replaceChildren(...lines.map(row));
  const button = byId("import-keep");
  button.textContent = fill(words.import_keep, { count: good });
  button.disabled = !good;
  place.hidden = false;
}

function row(line) {
  const tr = document.createElement("tr");
  const labels = JSON.parse(byId("imported").querySelector("tbody").dataset.labels);
  const who = [line.name, line.organisation].filter(Boolean).join(" ");
  const state = document.createElement("span");
  state.className = line.good ? "chip good" : line.known ? "chip off" : "late";
  state.textContent = line.good ? words.import_good : line.words;
  const cells = [line.line, line.when, who, line.party, line.host, line.room, state];
  cells.forEach((cell, index) => {
    const td = document.createElement("td");
    td.dataset.label = labels[index];
    td.append(cell);
    tr.append(td);
  });
  return tr;
}

actions["import-keep"] = async (button) => {
  button.disabled = true;
  const answer = await call("POST", "/api/imports", { content: chosen });
  button.disabled = false;
  if (!answer.ok) return toast(answer.body.words, "bad");
  const form = document.querySelector('form[data-form="import"]');
  form.reset();
  byId("imported").hidden = true;
  saySo(form, fill(words.import_done, { count: answer.body.good }), "good");
};
