// Reads an uncertain date back while it is typed.
// <input data-edtf data-src="/dates/read/" data-output="id of the output">; partials/_edtf_reading.html is the output.
// The endpoint answers ?value=… with {"wording", "edtf", "range"} or {"error"}; ready sentences in the page's language.

const DELAY = 300;
const waiting = new WeakMap();
const running = new WeakMap();

document.addEventListener("input", (event) => {
  const input = event.target.closest?.("input[data-edtf]");
  if (!input || event.isComposing) return;
  clearTimeout(waiting.get(input));
  waiting.set(input, setTimeout(() => read(input), DELAY));
});

async function read(input) {
  const output = document.getElementById(input.dataset.output);
  if (!output) return;
  running.get(input)?.abort();
  const value = input.value.trim();
  if (!value) {
    show(output, {});
    return;
  }
  const control = new AbortController();
  running.set(input, control);
  const url = new URL(input.dataset.src, location.href);
  url.searchParams.set("value", value);
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: control.signal });
    show(output, await answer.json());
  } catch (error) {
    // The server reads the date again when the form is sent, so a failed preview only goes quiet.
    if (error.name !== "AbortError") show(output, {});
  }
}

function show(output, { wording, edtf, range, error }) {
  const parts = { wording, edtf, range, error };
  for (const [name, text] of Object.entries(parts)) {
    const place = output.querySelector(`[data-edtf-${name}]`);
    if (place) place.textContent = text ?? "";
  }
  for (const label of output.querySelectorAll("[data-edtf-label]")) label.hidden = !wording;
}

for (const input of document.querySelectorAll("input[data-edtf]")) if (input.value) read(input);
