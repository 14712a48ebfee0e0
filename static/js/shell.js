// The frame of every page: theme, dialogs, toasts, error focus, htmx failures. Shortcuts live in keys.js.
// Every page works without it. Words come from data attributes of #ui-strings, so that they are translated.

const strings = document.getElementById("ui-strings")?.dataset ?? {};

// Theme: the form posts without us; with us the page changes at once and the profile is saved behind it.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-theme-form]");
  const theme = event.submitter?.value;
  if (!form || !theme) return;
  event.preventDefault();
  document.documentElement.dataset.theme = theme;
  for (const button of form.querySelectorAll("button[name=theme]")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
  form.closest("[popover]")?.hidePopover?.();
  const body = new FormData(form);
  body.set("theme", theme);
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    toast(strings.failed, "bad");
  }
});

// Dialogs. A trigger may be a link to a page that does the same: it is followed where there is no script.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  const dialog = opener && document.getElementById(opener.dataset.open);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    showDialog(dialog);
    return;
  }
  event.target.closest("[data-close]")?.closest("dialog")?.close();
  event.target.closest("[data-dismiss]")?.closest(".banner, .toast")?.remove();
  const link = event.target.closest(".error-summary a[href^='#']");
  if (link) focusField(link.hash.slice(1), event);
});

function showDialog(dialog) {
  if (dialog.open) return;
  dialog.showModal();
  const first = [...dialog.querySelectorAll("input, select, textarea, button, a[href]")].find(
    (el) => !el.matches("[type=hidden], [data-close]") && el.offsetParent !== null,
  );
  first?.focus();
}

// Esc must not throw away what was typed: unsaved.js marks the form.
document.addEventListener(
  "cancel",
  (event) => {
    if (event.target.matches?.("dialog") && event.target.querySelector("form[data-dirty=true]")) {
      event.preventDefault();
      toast(strings.unsaved, "bad");
    }
  },
  true,
);

for (const dialog of document.querySelectorAll("dialog[data-open-on-load]")) showDialog(dialog);

// Errors: focus goes to the summary, and its links go to the first control of the field.
function focusField(id, event) {
  const target = document.getElementById(id);
  const control = target?.matches("input, select, textarea") ? target : target?.querySelector("input, select, textarea");
  if (!control) return;
  event.preventDefault();
  control.scrollIntoView({ block: "center" });
  control.focus({ preventScroll: true });
}

function focusSummary(root) {
  root.querySelector?.(".error-summary")?.focus();
}

focusSummary(document);
document.addEventListener("htmx:afterSettle", (event) => focusSummary(event.target));

for (const button of document.querySelectorAll("[data-dismiss][hidden]")) button.hidden = false;

// Toasts: document.dispatchEvent(new CustomEvent("app:toast", {detail: {text}})), or the HX-Trigger header.
const region = document.getElementById("toasts");
document.addEventListener("app:toast", (event) => toast(event.detail?.text ?? event.detail?.value, event.detail?.kind));

function toast(text, kind = "") {
  if (!region || !text) return;
  const box = document.createElement("div");
  box.className = `toast ${kind === "bad" ? "bad" : ""}`;
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  const close = region.querySelector("template").content.cloneNode(true);
  box.append(close);
  region.append(box);
  let timer;
  const start = () => {
    timer = setTimeout(() => box.remove(), 8000);
  };
  const pause = () => clearTimeout(timer);
  box.addEventListener("pointerenter", pause);
  box.addEventListener("focusin", pause);
  box.addEventListener("pointerleave", start);
  box.addEventListener("focusout", start);
  start();
}

// htmx: a failed request replaces nothing and says so.
document.addEventListener("htmx:responseError", (event) => {
  // A locked session is covered by session.js.
  if (event.detail.xhr.status === 423) return;
  toast(event.detail.xhr.status === 429 ? strings.slow : strings.failed, "bad");
});
document.addEventListener("htmx:sendError", () => toast(strings.offline, "bad"));
document.addEventListener("htmx:beforeRequest", (event) => event.detail.target?.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.target?.removeAttribute("aria-busy"));

// Facet column on and off; it is a sheet on narrow screens and this button is not shown there.
for (const button of document.querySelectorAll("[data-facets-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const off = document.documentElement.dataset.facets !== "off";
    document.documentElement.dataset.facets = off ? "off" : "";
    button.setAttribute("aria-expanded", String(!off));
  });
}

// Print buttons appear only where a script can print.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
