// An invitation: print it, or copy its words.

const byId = (id) => document.getElementById(id);

byId("print").onclick = () => print();

byId("copy").onclick = () => {
  const text = byId("text");
  text.focus();
  text.select();
  // Not navigator.clipboard: a page that came by plain HTTP does not have it.
  if (document.execCommand("copy")) byId("copy").textContent = byId("copy").dataset.done;
};
