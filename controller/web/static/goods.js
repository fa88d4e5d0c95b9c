// Goods-release slips: the list that a clerk writes, and what is done with a slip.

import { actions, act, fill, toast, words } from "./desk.js";
import { draftOf } from "./drafts.js";
import { keyed, saySo, send, submit, values } from "./forms.js";
import { freshId } from "./ids.js";
import { scan, showCode } from "./passes.js";

const MOST = 30;
const form = document.querySelector('form[data-form="goods"]');
const lines = document.getElementById("goods-lines");
const first = lines.querySelector(".goods-line");

/** The list as it is written; a line without anything in it counts for nothing. */
function goods() {
  return [...lines.querySelectorAll(".goods-line")]
    .map((line) => {
      const [item, pieces, remark] = [...line.querySelectorAll("input")].map((f) => f.value.trim());
      return { item, pieces: pieces === "" ? 1 : Number(pieces), remark, empty: !(item || remark) };
    })
    .filter((line) => !line.empty)
    .map(({ item, pieces, remark }) => ({ item, pieces, remark }));
}

submit.goods = async () => {
  const { item, pieces, remark, permit, ticket, ...said } = values(form);
  const body = { ...said, goods: goods() };
  if (permit) body.permit = Number(permit);
  if (ticket) body.ticket = Number(ticket);
  const made = await send(form, "POST", "/api/goods", keyed(form, body));
  if (!made) return;
  form.reset();
  saySo(form, fill(words.goods_drafted, made), "good");
};

const count = () => lines.querySelectorAll(".goods-line").length;

function addLine() {
  const more = first.cloneNode(true);
  for (const field of more.querySelectorAll("input")) {
    field.value = "";
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-label", `${field.placeholder} ${count() + 1}`);
  }
  lines.append(more);
  return more;
}

actions["goods-line"] = () => {
  if (count() < MOST) addLine().querySelector("input").focus();
};

const slip = (button) => button.closest("[data-slip]");

actions["show-goods"] = (button) => {
  const { slip: id, number, name, until, lines: said } = slip(button).dataset;
  showCode(`/api/goods/${id}/qr.svg`, { number, name, until, lines: JSON.parse(said) });
};
actions["print-goods"] = async (button) => {
  const row = slip(button);
  const answer = await act(row, "POST", `${row.dataset.path}/print`, { id: freshId() });
  if (answer.ok) toast(words.printing);
};
actions["release-goods"] = (button) => scan(slip(button).dataset.number, "out", true);

// --- for a resident whose number was called at the counter ------------------------------------

const asked = new URLSearchParams(location.search);
if (/^\d+$/.test(asked.get("ticket") ?? "")) {
  form.elements.ticket.value = asked.get("ticket");
  form.dataset.draft = `goods ${asked.get("ticket")}`;
  const note = document.getElementById("for-number");
  note.textContent = fill(words.goods_for, { number: asked.get("number") ?? "" });
  note.hidden = false;
  form.addEventListener("reset", () => {
    note.hidden = true;
    setTimeout(() => {
      form.elements.ticket.value = "";
      delete form.dataset.draft;
    });
  });
}

const kept = draftOf(form).filter(([name]) => name === "item").length;
while (count() < kept) addLine();
