// A code scanner is a very fast typist. This tells it from a person, wherever the focus is, takes
// what it typed out of the focused field again, and judges it as a pass and as nothing else: a
// scanned address is never opened, and no Tab or Enter inside a code moves or presses anything.
// What a person typed outside a field becomes a shortcut.

const QUICK = 80; // ms between two keys; a hand is slower
const PAUSE = 600; // ms after which a code is over: a busy machine hears of its keys in fits and starts
const WHOLE = { "VP1:": 154, "VG1:": 154, "VI1:": 30 }; // how ours begin (a pass, a goods slip, an invitation), and how long they are
const ENTER = 100; // ms for which the Enter after a whole code is waited for; not all send one
const SHORTEST = 6; // characters of a quick run that is no pass: A-0137
const SURE = 20; // characters after which a run in a field is no hand's, at this pace
const PACE = 30; // ms a character, on average
const CONTROL = "\u001b"; // stands in a scan for a key that writes nothing: it is then no pass
const MODIFIERS = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"];

/** What is being typed quickly: its text, and the field it runs into as that was before. */
let run = null;
let silence = 0;
let ended = -QUICK; // when the last code had its last key
let cut = null; // that code, if a pause ended it before it was whole: more of it may yet be heard of
let unanswered = null; // and which one nobody has yet seen the answer of
let tell = null;

/** `found(text)` is called for each code, also for one that broke off; its promise is kept once the
 * answer is shown. */
export function listen(found) {
  tell = found;
}

addEventListener("keydown", (event) => {
  if (!tell || MODIFIERS.includes(event.key)) return;
  if (isRest(event)) {
    if (!writes(event)) {
      ended = event.timeStamp;
      cut = null;
      return swallow(event);
    }
    if (cut) resume();
    else follow(event);
  }
  if (event.key === "Enter") return enter(event);
  if (!writes(event)) return control(event);
  const character = characterOf(event);
  if (!continues(event)) begin(event);
  else if (!run.field) enterField();
  add(event, character);
  if (!run.taken && wholeOf(run.text)) take();
  if (run.taken) swallow(event);
  else if (!run.field) single(event, character);
  if (!run.taken && isCode()) waitForMore();
}, true);

addEventListener("keyup", (event) => {
  // A space inside a code would press the focused button on its release.
  if (run?.taken || (event.key === " " && run && !run.field) || isRest(event)) swallow(event);
}, true);

/** A second Enter, the next code, or what a busy machine hears of one that has been judged. */
function isRest(event) {
  const since = event.timeStamp - ended;
  if (run || since < 0 || since > QUICK) return false;
  // Whoever has the answer before their eyes may close it.
  return unanswered || event.key !== "Escape";
}

function writes(event) {
  return characterOf(event) && !(event.ctrlKey || event.altKey || event.metaKey);
}

/** A busy machine heard of the rest too late: the code is judged once more, as it is. */
function resume() {
  run = { ...cut, over: false };
  cut = null;
  if (run.taken) take();
}

/** What comes on the heels of a code is no hand's: it is judged as a code, whatever it is. */
function follow(event) {
  begin(event);
  take();
}

function continues(event) {
  return run && event.timeStamp - run.last <= (run.taken ? PAUSE : QUICK);
}

function begin(event) {
  // A person goes on before the pause after a code is over: it is one all the same.
  if (run?.taken || (run && isCode())) finish();
  clearTimeout(silence);
  run = { text: "", first: event.timeStamp, last: event.timeStamp, taken: false, odd: false };
  enterField();
}

function enterField() {
  const focused = document.activeElement;
  run.field = focused.matches("input, textarea, select") ? focused : null;
  run.value = run.field?.value;
  run.from = run.field?.selectionStart;
  run.to = run.field?.selectionEnd;
}

function add(event, character) {
  run.text += character;
  run.last = event.timeStamp;
}

/** Too long and too quick for a hand; inside a field more has to be seen for that. */
function isCode() {
  return run.field ? run.text.length >= SURE && isBrisk() : run.text.length >= SHORTEST;
}

/** This is one of ours: from here on nothing of it reaches the page. */
function take() {
  run.taken = true;
  document.getElementById("scan")?.classList.add("listening");
  // Leaving the field first also ends a Chinese input method that had begun to compose.
  run.field?.blur();
  restore();
  waitForMore();
}

/** Some scanners end without Enter: a code is finished by the pause after it. */
function waitForMore() {
  const whole = run.taken && run.text.length >= wholeOf(run.text);
  clearTimeout(silence);
  silence = setTimeout(() => {
    const mine = run;
    if (run) finish();
    if (!whole) cut = mine;
  }, whole ? ENTER : PAUSE);
}

function enter(event) {
  if (continues(event) && (isNoHand() || run.text.length >= SHORTEST)) {
    run.last = event.timeStamp;
    swallow(event);
    return finish();
  }
  begin(event);
  press(event);
}

/** Outside a field nobody is as quick; inside one, with a key such as Tab, only at this pace. */
function isNoHand() {
  return run.taken || !run.field || (run.odd && isBrisk());
}

function isBrisk() {
  return (run.last - run.first) / run.text.length <= PACE;
}

/** A key that writes nothing: a person's does its work, one inside a code does not. */
function control(event) {
  if (event.repeat) return;
  if (continues(event) && isNoHand()) {
    add(event, CONTROL);
    swallow(event);
    if (isCode()) waitForMore();
    return;
  }
  if (event.key === "Escape") shortcut("Escape");
  begin(event);
  // Where a Tab leads is only known by the next key; any other does no harm in a field.
  if (run.field && event.key !== "Tab") run = null;
  else run = { ...run, odd: true, field: null };
}

function finish() {
  clearTimeout(silence);
  if (!run.taken) restore();
  const { last, field, taken } = run;
  const text = run.text || (run.odd ? CONTROL : "");
  document.getElementById("scan")?.classList.remove("listening");
  if (taken) field?.focus();
  run.over = true;
  run = null;
  ended = last;
  cut = null;
  if (text) void judged(text);
}

async function judged(text) {
  const mine = (unanswered = {});
  // Ours are upper case throughout, whatever the caps lock says.
  await tell(wholeOf(text) ? text.toUpperCase() : text);
  if (unanswered === mine) unanswered = null;
}

/** How long a text is that begins like this, if it is one of ours. */
function wholeOf(text) {
  return WHOLE[text.slice(0, 4).toUpperCase()];
}

function restore() {
  const { field, value, from, to } = run;
  if (!field) return;
  field.value = value;
  if (from !== undefined && from !== null) field.setSelectionRange(from, to);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function swallow(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === "keydown" && run?.taken) waitForMore();
}

/** A key outside any field is a shortcut, unless more follows as quickly as a scanner types. */
function single(event, character) {
  if (character === "/" || character === "'") event.preventDefault();
  if (character === " ") return press(event);
  if (run.text.length > 1 || event.repeat) return;
  unlessMore(() => shortcut(character));
}

/** Enter or Space on a button: pressed once it is clear that no code begins with it. */
function press(event) {
  const button = document.activeElement;
  if (run.field || !button.matches("button, a[href], summary, [role=button]")) return;
  swallow(event);
  if (run.text.length > 1 || event.repeat) return;
  // Its region may have been rendered again meanwhile.
  unlessMore(() => (button.isConnected ? button : document.getElementById(button.id))?.click());
}

function unlessMore(act) {
  const mine = run;
  const { text } = mine;
  setTimeout(() => mine.text === text && !mine.over && act(), QUICK + 20);
}

function shortcut(key) {
  document.dispatchEvent(new CustomEvent("shortcut", { detail: key }));
}

const SHIFTED = { 4: "$", 5: "%", 8: "*" };
const SIGNS = {
  Space: " ", Minus: "-", Period: ".", Slash: "/", NumpadAdd: "+", NumpadMultiply: "*",
  NumpadSubtract: "-", NumpadDivide: "/", NumpadDecimal: ".",
};

/** The character of a key, also where an input method hides it: then as on a US keyboard, which is
 * what scanners imitate. */
function characterOf({ key, code, shiftKey }) {
  if (key.length === 1) return key;
  if (key !== "Process" && key !== "Unidentified") return "";
  const [, letter, digit] = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(code) ?? [];
  if (letter) return letter;
  if (digit) return shiftKey ? (SHIFTED[digit] ?? "") : digit;
  if (shiftKey && code === "Semicolon") return ":";
  if (shiftKey && code === "Equal") return "+";
  return SIGNS[code] ?? "";
}
