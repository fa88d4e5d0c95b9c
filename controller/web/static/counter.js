// The counter: calling residents' numbers. Each clerk's own counter is remembered in the browser.

import { actions, act, fill, toast, words } from "./desk.js";

const KEPT = "counter";
const counter = document.getElementById("counter");
counter.value = localStorage.getItem(KEPT) || counter.value;
counter.addEventListener("change", () => localStorage.setItem(KEPT, counter.value.trim()));

async function callNumber(button, again) {
  const row = button.closest("[data-row]");
  const body = { counter: counter.value.trim(), again };
  const answer = await act(row, "POST", `${row.dataset.path}/call`, body);
  if (answer.ok) toast(fill(words.number_called, answer.body));
}

actions["call-number"] = (button) => callNumber(button, false);
actions["call-again"] = (button) => callNumber(button, true);
