// Where a roll call stands: the same as models/rollcall.py says it, from the same marks, whichever of
// them arrived first. A test holds the two together.

/** By number, the mark that holds: the first of "found", or else the first of "not found". */
export function standing(marks) {
  const every = new Map(marks.map((mark) => [mark.id, mark]));
  const undone = new Set();
  for (const mark of every.values()) {
    if (mark.mark === "taken_back") for (const id of mark.undoes) undone.add(`${mark.number} ${id}`);
  }
  const holds = [...every.values()].filter(
    (mark) => mark.mark !== "taken_back" && !undone.has(`${mark.number} ${mark.id}`),
  );
  holds.sort((a, b) => weight(a) - weight(b) || Date.parse(a.at) - Date.parse(b.at)
    || (a.id < b.id ? -1 : 1));
  const found = new Map();
  for (const mark of holds) if (!found.has(mark.number)) found.set(mark.number, mark);
  return found;
}

const weight = (mark) => (mark.mark === "found" ? 0 : 1);

/** The ids of all marks of a person that hold: what taking back has to name. */
export function holding(marks, number) {
  const mine = marks.filter((mark) => mark.number === number);
  const undone = new Set(mine.flatMap((mark) => (mark.mark === "taken_back" ? mark.undoes : [])));
  return mine.filter((mark) => mark.mark !== "taken_back" && !undone.has(mark.id)).map((m) => m.id);
}

export function figures(people, marks) {
  const stands = standing(marks);
  const isFound = (one) => stands.get(one.number)?.mark === "found";
  const count = (is) => people.filter(is).length;
  return {
    inside: count((one) => one.presence === "inside"),
    unknown: count((one) => one.presence === "unknown"),
    found: count(isFound),
    missing: count((one) => one.presence !== "out" && !isFound(one)),
  };
}
