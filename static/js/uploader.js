// The page of a batch: choosing and dropping files, a row for each with its state in words, pause and resume.
// Words come from data attributes of #uploader. Without this module the form sends the files at once.

import { fromDrop, fromInput, keyOf } from "./uploader-files.js";
import { Queue } from "./uploader-queue.js";
import { Tus } from "./uploader-tus.js";

const root = document.getElementById("uploader");
const list = document.getElementById("queue");
const SPARING = 8000; // ms between two sentences for screen readers

if (root) start();

function start() {
  const words = root.dataset;
  const tus = new Tus({ url: words.url, csrfCookie: words.csrfCookie });
  const queue = new Queue({ tus, batch: words.batch, changed });
  const rows = new Map();
  const arriving = new Map();
  const stored = new Map();
  const all = root.querySelector("[data-all]");
  let said = 0;
  let telling;
  for (const row of list.querySelectorAll("li[data-key-name]")) remember(row);

  root.classList.add("scripted");
  for (const part of root.querySelectorAll("[data-scripted]")) part.hidden = false;
  for (const part of root.querySelectorAll("[data-unscripted]")) part.hidden = true;
  for (const input of root.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      add(fromInput(input));
      input.value = "";
    });
  }
  for (const button of root.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => document.getElementById(button.dataset.choose).click());
  }
  all.addEventListener("click", () => (queue.paused ? queue.resume() : queue.pause()));
  drop(root.querySelector(".drop"));
  window.addEventListener("beforeunload", (event) => queue.active.length && event.preventDefault());

  function remember(row) {
    const { keyName: name, keyFolder: folder, keySize: size, keyModified: modified, state, path } = row.dataset;
    const key = keyOf({ folder, name, size, modified });
    if (state === "arriving") arriving.set(key, { row, path });
    if (state === "kept") stored.set(key, row);
  }

  function drop(zone) {
    // The whole page takes what is dropped: missing the frame must not open the file in place of the page.
    for (const kind of ["dragover", "dragenter"]) {
      document.addEventListener(kind, (event) => {
        if (![...event.dataTransfer.types].includes("Files")) return;
        event.preventDefault();
        zone.classList.add("over");
      });
    }
    document.addEventListener("dragleave", (event) => event.relatedTarget || zone.classList.remove("over"));
    document.addEventListener("drop", async (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      zone.classList.remove("over");
      add(await fromDrop(event.dataTransfer));
    });
  }

  function add(chosen) {
    list.hidden = false;
    for (const { file, folder } of chosen) {
      const key = keyOf({ folder, name: file.name, size: file.size, modified: file.lastModified });
      const job = { key, file, folder, name: file.name, size: file.size };
      if (stored.has(key) || queue.jobs.some((one) => one.key === key && one.state !== "cancelled")) {
        tell(words.again.replace("{name}", file.name));
        continue;
      }
      const before = arriving.get(key);
      if (before) {
        arriving.delete(key);
        Object.assign(job, { path: before.path, uncertain: true });
      }
      rows.set(job, rowFor(job, before?.row));
      queue.add(job);
    }
  }

  function rowFor(job, former) {
    const row = document.getElementById("queue-row").content.firstElementChild.cloneNode(true);
    row.querySelector("[data-name]").textContent = job.name;
    row.querySelector("[data-folder]").textContent = job.folder;
    const progress = row.querySelector("progress");
    progress.setAttribute("aria-label", job.name);
    const [hold, stop] = row.querySelectorAll("button[data-hold], button[data-stop]");
    for (const button of [hold, stop]) button.querySelector(".sr").append(` ${job.name}`);
    hold.addEventListener("click", () => (job.state === "paused" ? queue.resume(job) : queue.pause(job)));
    stop.addEventListener("click", () => queue.cancel(job));
    if (former) former.replaceWith(row);
    else list.append(row);
    return row;
  }

  function changed(job) {
    const row = rows.get(job);
    row.dataset.state = job.state;
    const per = job.size ? Math.floor((100 * job.offset) / job.size) : 0;
    const line = row.querySelector("[data-words]");
    line.textContent = sentence(job, per);
    line.className = { kept: "st ok", refused: "st bad", unreadable: "st bad", lost: "st warn" }[job.state] ?? "st";
    for (const icon of row.querySelectorAll("[data-icon]")) {
      icon.hidden = !icon.dataset.icon.split(" ").includes(job.state);
    }
    const ended = ["kept", "refused", "unreadable", "cancelled"].includes(job.state);
    const progress = row.querySelector("progress");
    progress.hidden = ended;
    progress.value = per;
    const [hold, stop] = row.querySelectorAll("button[data-hold], button[data-stop]");
    hold.hidden = ended;
    stop.hidden = ended;
    hold.setAttribute("aria-pressed", String(job.state === "paused"));
    hold.querySelector("[data-label]").textContent = job.state === "paused" ? words.resume : words.pause;
    if (job.state === "kept") fill(row, job);
    summary();
  }

  function sentence(job, per) {
    const text = words[`say${job.state[0].toUpperCase()}${job.state.slice(1)}`];
    const filled = { done: size(job.offset), total: size(job.size), percent: per, reason: job.problem || words.sayUnknown };
    return text.replace(/\{(\w+)\}/g, (_all, name) => filled[name]);
  }

  // What the server says of a file that it has kept: the item, the digest, and who held the same bytes before.
  function fill(row, job) {
    stored.set(job.key, row);
    const { shown } = job;
    const link = row.querySelector("[data-item]");
    link.href = words.itemUrl.replace("CODE", shown.item);
    link.textContent = shown.item;
    link.hidden = !shown.item;
    row.querySelector("[data-digest]").textContent = shown.sha256 ?? "";
    row.querySelector("[data-kept]").hidden = false;
    const known = row.querySelector("[data-known]");
    for (const code of shown.known) {
      const part = document.getElementById("queue-known").content.cloneNode(true);
      const anchor = part.querySelector("a");
      anchor.href = words.itemUrl.replace("CODE", code);
      anchor.textContent = code;
      const form = part.querySelector("form");
      if (form) {
        form.elements.upload.value = shown.id;
        form.elements.item.value = code;
      }
      known.append(part);
    }
  }

  function summary() {
    const count = (...states) => queue.jobs.filter((job) => states.includes(job.state)).length;
    const kept = count("kept");
    const failed = count("refused", "unreadable");
    const left = queue.active.length;
    const text = (left ? words.summary : words.finished)
      .replace("{kept}", kept)
      .replace("{left}", left)
      .replace("{failed}", failed);
    root.querySelector("[data-summary]").textContent = queue.jobs.length ? text : "";
    const bar = root.querySelector("[data-overall]");
    bar.hidden = !queue.jobs.length;
    bar.max = queue.jobs.reduce((sum, job) => sum + job.size, 0) || 1;
    bar.value = queue.jobs.reduce((sum, job) => sum + (job.state === "kept" ? job.size : job.offset), 0);
    bar.classList.toggle("ok", !left);
    all.hidden = !left;
    all.querySelector("[data-label]").textContent = queue.paused ? words.resumeAll : words.pauseAll;
    const problem = queue.active.find((job) => ["lost", "locked", "over"].includes(job.state));
    if (!left) tell(text);
    else if (problem) tell(sentence(problem, Math.floor((100 * problem.offset) / (problem.size || 1))));
    else tell(text, SPARING);
  }

  // Screen readers hear the whole now and then, never each percent.
  function tell(text, after = 0) {
    const place = root.querySelector("[data-announce]");
    clearTimeout(telling);
    const wait = Math.max(0, after - (Date.now() - said));
    telling = setTimeout(() => {
      said = Date.now();
      if (place.textContent !== text) place.textContent = text;
    }, wait);
  }
}

function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes ? Math.floor(Math.log2(bytes) / 10) : 0);
  const number = bytes / 1024 ** power;
  return `${number.toLocaleString(document.documentElement.lang, { maximumFractionDigits: power ? 1 : 0 })} ${units[power]}`;
}
