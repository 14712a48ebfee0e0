// The query builder's form is exchanged after a change. What is done before the answer comes must not be lost with the old
// form: an answer from before it is not taken, and nothing is asked while somebody types. Leaving the field asks then.
let typing = null;
let isOutdated = false; // what was asked last is not what the form says now

document.addEventListener("input", (event) => {
  if (!event.target.closest("#builder")) return;
  typing = event.target.matches("input.input") ? event.target : null;
  isOutdated = true;
});

document.addEventListener("change", (event) => {
  if (event.target === typing) typing = null;
});

// Back to what stood there before is no change, but an answer that was not taken is still owed.
document.addEventListener("focusout", (event) => {
  if (event.target !== typing) return;
  typing = null;
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.target.id !== "builder") return;
  if (typing) event.preventDefault();
  else isOutdated = false;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id === "builder" && isOutdated) event.detail.shouldSwap = false;
});
