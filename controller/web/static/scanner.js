// A code scanner is a very fast typist. This tells it from a person, wherever the focus is, takes
// what it typed out of the focused field again, and judges it as a pass and as nothing else: a
// scanned address is never opened. What a person typed outside a field becomes a shortcut.

const QUICK = 80; // ms between two keys; a hand is slower
const PAUSE = 600; // ms after which a code that has begun is over
const WHOLE = { "VP1:": 154, "VG1:": 154, "VI1:": 30 }; // how ours begin (a pass, a goods slip, an invitation), and how long they are
const ENTER = 100; // ms for which the Enter after a whole code is waited for; not all send one
const SHORTEST = 6; // characters of a quick run that is no pass: A-0137

/** What is being typed quickly: its text, and the field it runs into as that was before. */
let run = null;
let silence = 0;
let tell = null;

/** `found(text)` is called for each code, `incomplete()` for one that broke off. */
export function listen({ found, incomplete }) {
  tell = { found, incomplete };
}

addEventListener("keydown", (event) => {
  if (!tell) return;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter") return finish(event);
  const character = characterOf(event);
  if (!character) return event.key === "Escape" ? shortcut("Escape") : undefined;
  if (!continues(event)) begin(event);
  run.text += character;
  run.last = event.timeStamp;
  if (!run.taken && wholeOf(run.text)) take();
  if (run.taken) swallow(event);
  else if (!run.field) {
    single(event, character);
    if (run.text.length >= SHORTEST) waitForMore();
  }
}, true);

addEventListener("keyup", (event) => {
  // A space inside a code would press the focused button on its release.
  if (run?.taken) swallow(event);
}, true);

function continues(event) {
  return run && event.timeStamp - run.last <= (run.taken ? PAUSE : QUICK);
}

function begin(event) {
  clearTimeout(silence);
  const focused = document.activeElement;
  const field = focused.matches("input, textarea, select") ? focused : null;
  run = {
    text: "",
    last: event.timeStamp,
    taken: false,
    field,
    value: field?.value,
    from: field?.selectionStart,
    to: field?.selectionEnd,
  };
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

/** Some scanners end without Enter: a code that is whole is finished by the pause after it. */
function waitForMore() {
  const unfinished = run.taken && run.text.length < wholeOf(run.text);
  clearTimeout(silence);
  silence = setTimeout(() => {
    if (!run) return;
    const { text } = run;
    close();
    if (unfinished) tell.incomplete();
    else judge(text);
  }, unfinished ? PAUSE : ENTER);
}

function finish(event) {
  const quick = run && (run.taken || run.text.length >= SHORTEST) && continues(event);
  if (!quick) {
    clearTimeout(silence);
    run = null;
    return;
  }
  swallow(event);
  if (!run.taken) restore();
  const { text } = run;
  close();
  judge(text);
}

function judge(text) {
  // Ours are upper case throughout, whatever the caps lock says.
  tell.found(wholeOf(text) ? text.toUpperCase() : text);
}

/** How long a text is that begins like this, if it is one of ours. */
function wholeOf(text) {
  return WHOLE[text.slice(0, 4).toUpperCase()];
}

function close() {
  clearTimeout(silence);
  document.getElementById("scan")?.classList.remove("listening");
  if (run.taken) run.field?.focus();
  run = null;
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
  if (event.type === "keydown") waitForMore();
}

/** A key outside any field is a shortcut, unless more follows as quickly as a scanner types. */
function single(event, character) {
  if (character === "/" || character === "'") event.preventDefault();
  const mine = run;
  if (mine.text.length === 1 && !event.repeat) {
    setTimeout(() => {
      if (mine.text.length === 1) shortcut(character);
    }, QUICK + 20);
  }
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
