// Search: answered while somebody types, who keeps the field; the address says what is shown.

import { call, renew, toast } from "./desk.js";
import { submit } from "./forms.js";

const PAUSE = 150; // ms after a key; whoever types on is not answered yet
const field = document.getElementById("question");
let typing = 0;

function look() {
  clearTimeout(typing);
  const address = `/search?${new URLSearchParams({ q: field.value.trim() })}`;
  if (address === location.pathname + location.search) return;
  history.replaceState(null, "", address);
  renew("search");
}

field.addEventListener("input", ({ isComposing }) => {
  clearTimeout(typing);
  if (!isComposing) typing = setTimeout(look, PAUSE);
});
field.addEventListener("compositionend", look);
submit.search = look;

// A code is as good as a key: its number takes its place, in the field and in the address.
field.addEventListener("scanned", async ({ detail: code }) => {
  const { ok, body } = await call("GET", `/api/search?${new URLSearchParams({ q: code })}`);
  const [first] = ["passes", "goods", "appointments"].flatMap((group) => body[group]?.rows ?? []);
  if (!ok || !first) return toast(body.words, "bad");
  field.value = first.number ?? first.code;
  look();
});
