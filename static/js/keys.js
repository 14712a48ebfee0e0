// Single-key shortcuts: "/" search, "g x" go to, "c" new, "?" help. Row keys live in list.js.
// Off while typing or composing (Hangul), off with a modifier, and the person can turn them off (WCAG 2.1.4).

const PREFERENCE = "single-keys";
const root = document.documentElement;

const enabled = () => root.dataset.keys !== "off";

function isTyping(event) {
  if (event.isComposing || event.keyCode === 229) return true;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const field = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";
  return Boolean(event.target.closest?.(field)) || Boolean(document.querySelector("dialog[open]"));
}

try {
  root.dataset.keys = localStorage.getItem(PREFERENCE) ?? "on";
} catch {
  root.dataset.keys = "on";
}

const preference = document.querySelector("[data-keys-preference]");
if (preference) {
  preference.checked = enabled();
  preference.addEventListener("change", () => {
    root.dataset.keys = preference.checked ? "on" : "off";
    try {
      localStorage.setItem(PREFERENCE, root.dataset.keys);
    } catch {
      // Storage is closed: the choice lasts as long as the page.
    }
  });
}

let prefix = "";
let prefixTimer;

document.addEventListener("keydown", (event) => {
  const search = document.getElementById("omni");
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.isComposing && search) {
    event.preventDefault();
    search.focus();
    search.select();
    return;
  }
  if (!enabled() || isTyping(event)) return;
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
    return;
  }
  if (event.key === "?") {
    event.preventDefault();
    document.querySelector("[data-open=shortcuts]")?.click();
    return;
  }
  const keys = prefix ? `${prefix} ${event.key}` : event.key;
  const target = [...document.querySelectorAll("[data-shortcut]")].find((el) => el.dataset.shortcut === keys);
  prefix = "";
  clearTimeout(prefixTimer);
  if (target) {
    event.preventDefault();
    target.click();
  } else if (event.key === "g") {
    prefix = "g";
    prefixTimer = setTimeout(() => {
      prefix = "";
    }, 1200);
  }
});
