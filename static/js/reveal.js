// Copy buttons and reveal buttons.
// [data-copy="text"] or [data-copy-from="id"], with data-copied="Copied"; [data-reveal="id"] shows a hidden element.
// Both are rendered with the hidden attribute where they would do nothing without a script.

function prepare(root) {
  for (const button of root.querySelectorAll("[data-copy][hidden], [data-copy-from][hidden], [data-reveal][hidden]")) {
    button.hidden = false;
  }
}

document.addEventListener("click", async (event) => {
  const copier = event.target.closest("[data-copy], [data-copy-from]");
  if (copier) await copy(copier);
  const revealer = event.target.closest("[data-reveal]");
  if (revealer) reveal(revealer);
});

async function copy(button) {
  const source = document.getElementById(button.dataset.copyFrom ?? "");
  const text = button.dataset.copy ?? source?.value ?? source?.textContent.trim() ?? "";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Outside HTTPS there is no clipboard: select the text instead, so that the keys can copy it.
    if (source) getSelection().selectAllChildren(source);
    return;
  }
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.copied ?? before;
  const live = document.getElementById("announce");
  if (live) live.textContent = button.dataset.copied ?? "";
  setTimeout(() => {
    label.textContent = before;
  }, 2000);
}

function reveal(button) {
  const target = document.getElementById(button.dataset.reveal);
  if (!target) return;
  target.hidden = !target.hidden;
  button.setAttribute("aria-expanded", String(!target.hidden));
  if (!target.hidden) target.focus?.();
}

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
