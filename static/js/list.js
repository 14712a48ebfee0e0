// Lists of records: select rows, count them in the bulk bar, move with j and k, mark with x, open with o.
// <div data-list> rows: tr[data-row] with .tick input; [data-select-all]; [data-bulk-count]; [data-bulk-clear].
// The bulk bar itself is shown by CSS (:has), so selection works without this file.

const boxes = (list) => [...list.querySelectorAll("tbody .tick input[type=checkbox]")];

function sync(list) {
  const all = boxes(list);
  const chosen = all.filter((box) => box.checked).length;
  for (const place of list.querySelectorAll("[data-bulk-count]")) place.textContent = chosen.toLocaleString();
  const head = list.querySelector("[data-select-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
}

document.addEventListener("change", (event) => {
  const list = event.target.closest("[data-list]");
  if (!list) return;
  if (event.target.matches("[data-select-all]")) {
    for (const box of boxes(list)) box.checked = event.target.checked;
  }
  if (event.target.closest(".tick")) sync(list);
});

document.addEventListener("click", (event) => {
  const clear = event.target.closest("[data-bulk-clear]");
  const list = clear?.closest("[data-list]");
  if (!list) return;
  for (const box of boxes(list)) box.checked = false;
  sync(list);
  list.querySelector("[data-select-all]")?.focus();
});

let last = null;
document.addEventListener("click", (event) => {
  const box = event.target.closest?.(".tick input[type=checkbox]");
  const list = box?.closest("[data-list]");
  if (!list || box.matches("[data-select-all]")) return;
  const all = boxes(list);
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const between of all.slice(from, to + 1)) between.checked = box.checked;
    sync(list);
  }
  last = box;
});

function move(list, step) {
  const rows = [...list.querySelectorAll("[data-row]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("cursor"));
  const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
  rows[at]?.classList.remove("cursor");
  next.classList.add("cursor");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a")?.focus({ preventScroll: true });
}

function typing(event) {
  if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey) return true;
  const field = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
  return Boolean(event.target.closest?.(field) || document.querySelector("dialog[open]"));
}

document.addEventListener("keydown", (event) => {
  const list = document.querySelector("[data-list]");
  if (!list || typing(event) || document.documentElement.dataset.keys === "off") return;
  const row = list.querySelector("[data-row].cursor");
  if (event.key === "j") move(list, 1);
  else if (event.key === "k") move(list, -1);
  else if (event.key === "x") row?.querySelector(".tick input")?.click();
  else if (event.key === "o") row?.querySelector("a")?.click();
  else return;
  event.preventDefault();
});

document.addEventListener("htmx:afterSettle", () => {
  for (const list of document.querySelectorAll("[data-list]")) sync(list);
});
for (const list of document.querySelectorAll("[data-list]")) sync(list);
