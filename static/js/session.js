// The idle lock in the browser. The server locks by itself; this covers the page so that nobody reads on, warns a minute
// before, and unlocks by fetch so that a half-filled form is kept. Typing and moving count as being there: once a minute
// the server is told. Another tab may have been busy, so the server is asked before anything is covered.

const lock = document.getElementById("session-lock");
const warning = document.getElementById("session-warning");
const WARN = 60;
const TELL = 60_000;

if (lock) start();

function start() {
  const title = document.title;
  let until = Date.now() + lock.dataset.seconds * 1000;
  let told = Date.now();
  let asked = 0;
  let locked = false;
  let busy = false;

  for (const kind of ["pointerdown", "keydown", "input", "wheel", "scroll"]) {
    document.addEventListener(kind, () => seen(), { capture: true, passive: true });
  }
  document.addEventListener("visibilitychange", () => document.hidden || look());
  document.addEventListener("htmx:responseError", (event) => event.detail.xhr.status === 423 && cover());
  warning.querySelector("[data-session-stay]").addEventListener("click", () => tell());
  // Browsers let a second Esc close a dialog whatever `cancel` says, and show the page until it is back: the key does not
  // reach them. Closed another way, as by the gesture for back on a phone, it comes back.
  document.addEventListener("keydown", (event) => locked && event.key === "Escape" && event.preventDefault(), true);
  lock.addEventListener("cancel", (event) => event.preventDefault());
  lock.addEventListener("close", () => locked && lock.showModal());
  lock.addEventListener("submit", unlock);
  setInterval(look, 1000);

  function seen() {
    if (locked || warning.open) return;
    if (Date.now() - told > Math.min(TELL, lock.dataset.seconds * 250)) tell();
  }

  async function tell() {
    told = Date.now();
    await ask("POST");
    if (!locked) warning.close();
  }

  function left() {
    return Math.ceil((until - Date.now()) / 1000);
  }

  function look() {
    const margin = Math.min(WARN, lock.dataset.seconds / 2);
    if (locked || left() > margin) return;
    // Ask rarely while the warning counts down, and at its end.
    if (Date.now() - asked > 15_000 || left() <= 0) ask("GET");
    warning.querySelector("[data-session-left]").textContent = Math.max(0, left());
    if (!warning.open && left() > 0) warning.showModal();
  }

  async function ask(method) {
    if (busy) return;
    busy = true;
    asked = Date.now();
    try {
      const answer = await fetch(lock.dataset.state, { method, headers: { Accept: "application/json", ...token() } });
      if (answer.status === 401 || answer.redirected) return cover();
      if (!answer.ok) return undefined;
      const seconds = (await answer.json()).left;
      until = Date.now() + seconds * 1000;
      if (seconds <= 0) return cover();
      if (seconds > WARN) warning.close();
    } catch {
      // No connection: the page is covered all the same when its time is over.
      if (left() <= 0) cover();
    } finally {
      busy = false;
    }
    return undefined;
  }

  function cover() {
    if (locked) return;
    locked = true;
    warning.close();
    lock.showModal();
    document.title = lock.dataset.title;
    lock.querySelector("input[type=password]").focus();
  }

  async function unlock(event) {
    const form = event.target.closest("form[data-unlock]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    const problem = lock.querySelector("[data-session-error]");
    problem.hidden = true;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
      });
      if (answer.redirected || answer.status === 401 || answer.status === 403) {
        window.location.assign(lock.dataset.signIn);
        return;
      }
      if (!answer.ok) throw new Error((await answer.json()).detail);
      locked = false;
      until = Date.now() + lock.dataset.seconds * 1000;
      told = Date.now();
      document.title = title;
      lock.close();
    } catch (error) {
      problem.textContent = error instanceof TypeError ? document.getElementById("ui-strings").dataset.offline : error.message;
      problem.hidden = false;
    } finally {
      for (const input of form.querySelectorAll("[type=password], [name=credential]")) input.value = "";
    }
  }

  function token() {
    return { "X-CSRFToken": lock.querySelector("[name=csrfmiddlewaretoken]").value };
  }
}
