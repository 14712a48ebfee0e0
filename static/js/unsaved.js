// Says when a form holds changes that the server does not have, and asks before leaving the page.
// <form data-unsaved>; its save bar (partials/_savebar.html) carries [data-save-state] with data-dirty-text.

const dirty = () => document.querySelector("form[data-unsaved][data-dirty=true]");

function mark(form, state) {
  if (form.dataset.dirty === String(state)) return;
  form.dataset.dirty = String(state);
  for (const place of bars(form)) {
    place.dataset.cleanText ??= place.querySelector("[data-save-text]").textContent;
    place.querySelector("[data-save-text]").textContent = state ? place.dataset.dirtyText : place.dataset.cleanText;
    place.classList.toggle("dirty", state);
  }
}

function bars(form) {
  const outside = form.id ? document.querySelectorAll(`[data-save-state][data-form="${form.id}"]`) : [];
  return new Set([...form.querySelectorAll("[data-save-state]"), ...outside]);
}

for (const type of ["input", "change"]) {
  document.addEventListener(type, (event) => {
    const form = event.target.form ?? event.target.closest?.("form");
    if (form?.matches("[data-unsaved]") && !event.target.closest?.("[data-no-dirty]")) mark(form, true);
  });
}

document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented && event.target.matches("[data-unsaved]")) event.target.dataset.dirty = "false";
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-unsaved]");
  if (form && event.detail.successful) mark(form, false);
});

window.addEventListener("beforeunload", (event) => {
  if (dirty()) event.preventDefault();
});
