// Add and remove rows of Django formsets (can_delete=True), one level of nesting.
// <div data-formset data-prefix="acts">        management form, then:
//   <div data-formset-rows> <div data-formset-row> … [data-formset-delete] … </div> </div>
//   <template data-formset-empty> one row with __prefix__ </template>
//   <button type="button" data-formset-add hidden> </div>
// An inner formset has data-prefix="acts-__prefix__-involvements" and data-token="__inner__" in its own template.
// A removed row is hidden with its DELETE box checked, so that indices and the server's count stay right.

const strings = document.getElementById("ui-strings")?.dataset ?? {};

const total = (formset) => formset.querySelector(`[name="${formset.dataset.prefix}-TOTAL_FORMS"]`);
const ours = (formset, selector) =>
  [...formset.querySelectorAll(selector)].find((el) => el.closest("[data-formset]") === formset);

function prepare(root) {
  for (const button of root.querySelectorAll("[data-formset-add], [data-formset-remove]")) button.hidden = false;
  for (const box of root.querySelectorAll("[data-formset-delete]")) box.hidden = true;
  for (const row of root.querySelectorAll("[data-formset-row]")) {
    // A page that came back with errors keeps the removed rows removed.
    const box = deleteBox(row);
    if (box?.checked) row.hidden = true;
  }
}

function deleteBox(row) {
  const boxes = [...row.querySelectorAll("input[name$='-DELETE']")];
  return boxes.find((box) => box.closest("[data-formset-row]") === row);
}

function add(formset) {
  const counter = total(formset);
  const empty = ours(formset, "template[data-formset-empty]");
  const rows = ours(formset, "[data-formset-rows]");
  const most = ours(formset, `[name="${formset.dataset.prefix}-MAX_NUM_FORMS"]`);
  if (!counter || !empty || !rows) return;
  if (most && Number(counter.value) >= Number(most.value)) {
    announce(strings.enough);
    return;
  }
  const index = counter.value;
  const html = document.createElement("template");
  html.innerHTML = empty.innerHTML.replaceAll(formset.dataset.token ?? "__prefix__", index);
  const row = html.content.firstElementChild;
  rows.append(html.content);
  counter.value = String(Number(index) + 1);
  prepare(row);
  // Others may move elements about while they take up the row, so the focus comes last.
  row.dispatchEvent(new CustomEvent("formset:added", { bubbles: true }));
  focusIn(row);
  changed(formset);
}

function remove(row) {
  const formset = row.closest("[data-formset]");
  const box = deleteBox(row);
  if (!box) return;
  box.checked = true;
  row.hidden = true;
  const before = previousVisible(row);
  if (before) focusIn(before);
  else ours(formset, "[data-formset-add]")?.focus();
  announce(strings.removed);
  changed(formset);
}

function previousVisible(row) {
  let other = row.previousElementSibling;
  while (other && (other.hidden || !other.matches("[data-formset-row]"))) other = other.previousElementSibling;
  return other;
}

function focusIn(row) {
  const field = [...row.querySelectorAll("input, select, textarea")].find(
    (el) => el.type !== "hidden" && el.offsetParent !== null,
  );
  (field ?? row.querySelector("button"))?.focus();
}

function changed(formset) {
  formset.closest("form")?.dispatchEvent(new Event("input", { bubbles: true }));
}

function announce(text) {
  const live = document.getElementById("announce");
  if (live) live.textContent = text ?? "";
}

document.addEventListener("click", (event) => {
  const adder = event.target.closest("[data-formset-add]");
  if (adder) {
    add(adder.closest("[data-formset]"));
    return;
  }
  const remover = event.target.closest("[data-formset-remove]");
  if (remover) remove(remover.closest("[data-formset-row]"));
});

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
