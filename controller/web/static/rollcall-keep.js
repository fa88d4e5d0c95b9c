// What a phone keeps of a roll call: the list, for the day only; each mark until it is handed in.

const LIST = "rollcall.list";
const MARK = "rollcall.mark.";
const inMemory = new Map();

/** Each mark has a place of its own, so that two pages on one phone lose nothing of each other. */
export function keepMark(mark) {
  inMemory.set(mark.id, mark);
  attempt(() => localStorage.setItem(MARK + mark.id, JSON.stringify(mark)));
}

/** Handed in: it need not be kept any longer. */
export function dropMarks(ids) {
  for (const id of ids) {
    inMemory.delete(id);
    attempt(() => localStorage.removeItem(MARK + id));
  }
}

export function keptMarks() {
  const found = new Map(inMemory);
  attempt(() => {
    for (const name of Object.keys(localStorage).filter((name) => name.startsWith(MARK))) {
      const mark = JSON.parse(localStorage.getItem(name));
      found.set(mark.id, mark);
    }
  });
  return [...found.values()];
}

export function keepList(list) {
  return attempt(() => {
    localStorage.setItem(LIST, JSON.stringify(list));
    return true;
  }) ?? false;
}

/** The list as it was last heard; nothing once its day is over. */
export function keptList(now = Date.now()) {
  const list = attempt(() => JSON.parse(localStorage.getItem(LIST)));
  if (list && Date.parse(list.kept_until) > now) return list;
  forgetList();
  return null;
}

export function forgetList() {
  attempt(() => localStorage.removeItem(LIST));
}

/** A browser may forbid to keep anything. */
function attempt(act) {
  try {
    return act();
  } catch {
    return null;
  }
}
