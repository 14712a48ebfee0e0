// Which file is sent when: two at a time, paused, resumed, tried again when the connection comes back. Knows no page.
// A job's state: waiting, sending, checking, paused, lost, locked, over, kept, refused, unreadable, cancelled.

import { Problem } from "./uploader-tus.js";
import { keyOf } from "./uploader-files.js";

const AT_ONCE = 2;
const LARGEST = 8 * 1024 * 1024;
const SMALLEST = 256 * 1024;
const AIM = 6000; // ms a piece should take: over a poor connection little is lost when it breaks
const ENDED = new Set(["kept", "refused", "unreadable", "cancelled"]);

export class Queue {
  constructor({ tus, batch, changed }) {
    Object.assign(this, { tus, batch, changed, jobs: [], paused: false, piece: 1024 * 1024, waking: new Set() });
    this.workers = 0;
    window.addEventListener("online", () => this.wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    this.watchSleep();
  }

  add(job) {
    this.jobs.push(Object.assign(job, { state: "waiting", offset: job.offset ?? 0 }));
    this.changed(job);
    this.start();
  }

  get active() {
    return this.jobs.filter((job) => !ENDED.has(job.state));
  }

  pause(job) {
    if (job) this.mark(job, "paused");
    else this.paused = true;
    for (const one of this.active) if (this.paused && one.state !== "paused") this.mark(one, "paused", { byAll: true });
  }

  resume(job) {
    this.paused = false;
    for (const one of job ? [job] : this.jobs) if (one.state === "paused") this.mark(one, "waiting", { byAll: false });
    this.start();
    this.wake();
  }

  async cancel(job) {
    this.mark(job, "cancelled");
    if (job.path) await this.tus.giveUp(job.path).catch(() => {});
  }

  start() {
    while (!this.paused && this.workers < AT_ONCE && this.next()) this.work();
  }

  next() {
    return this.jobs.find((job) => job.state === "waiting" && !job.taken);
  }

  async work() {
    this.workers += 1;
    for (let job = this.next(); job && !this.paused; job = this.next()) {
      job.taken = true;
      await this.carry(job);
      job.taken = false;
    }
    this.workers -= 1;
    // Something may have been added or resumed while the last job ended.
    if (!this.paused && this.next()) this.start();
  }

  // One file to its end, through every interruption; returns early only when it is paused or given up.
  async carry(job) {
    let tries = 0;
    while (!this.stopped(job)) {
      try {
        await this.bring(job);
        return;
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem("unreadable", String(error));
        if (this.stopped(job)) return;
        if (problem.kind === "refused" || problem.kind === "unreadable") {
          this.mark(job, problem.kind, { problem: problem.detail });
          return;
        }
        tries = problem.kind === "misplaced" ? 0 : tries + 1;
        job.uncertain = true;
        if (["lost", "locked", "over"].includes(problem.kind)) this.mark(job, problem.kind);
        if (problem.kind !== "misplaced") await this.rest(problem.wait || pauseBefore(tries));
      }
    }
  }

  async bring(job) {
    const { file, tus } = { file: job.file, tus: this.tus };
    if (!job.path) await this.begin(job);
    if (job.uncertain) job.offset = await tus.offset(job.path);
    job.uncertain = false;
    while (job.offset < file.size) {
      if (this.stopped(job)) return;
      this.mark(job, "sending");
      const end = Math.min(job.offset + this.piece, file.size);
      const bytes = await read(file.slice(job.offset, end));
      if (end === file.size) this.mark(job, "checking");
      const began = performance.now();
      job.offset = await tus.send(job.path, bytes, job.offset, end === file.size);
      this.adapt(performance.now() - began, bytes.byteLength);
    }
    await this.conclude(job);
  }

  // Where the answer to a beginning was lost, the server may have it already: it is not begun twice.
  async begin(job) {
    if (job.uncertain) {
      const taken = new Set(this.jobs.map((one) => one.path).filter(Boolean));
      const ours = (await this.tus.list(this.batch)).find(
        (one) => one.state === "arriving" && !taken.has(`${this.tus.url}/${one.id}`) && keyOf(shape(one)) === job.key,
      );
      job.path = ours && `${this.tus.url}/${ours.id}`;
    }
    job.path ??= await this.tus.begin({ file: job.file, folder: job.folder, batch: this.batch });
  }

  async conclude(job) {
    let shown = await this.tus.shown(job.path);
    if (shown.state === "arriving") {
      // It is whole, but whoever took the last piece did not come to its end: ask for that.
      this.mark(job, "checking");
      await this.tus.send(job.path, new ArrayBuffer(0), job.file.size, true);
      shown = await this.tus.shown(job.path);
    }
    if (shown.state === "kept") this.mark(job, "kept", { shown });
    else this.mark(job, "refused", { problem: shown.problem });
  }

  stopped(job) {
    return job.state === "paused" || job.state === "cancelled";
  }

  mark(job, state, more = {}) {
    // Paused or given up while a request was under way: its answer changes nothing about that.
    if (this.stopped(job) && state !== "waiting" && state !== "cancelled" && state !== "kept") return;
    Object.assign(job, { state, ...more });
    if (state === "paused") job.uncertain = true;
    this.changed(job);
  }

  adapt(took, size) {
    const wanted = (size / Math.max(took, 1)) * AIM;
    this.piece = Math.round(Math.min(LARGEST, Math.max(SMALLEST, Math.min(wanted, this.piece * 2))));
  }

  rest(time) {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.waking.delete(end);
        resolve();
      };
      const timer = setTimeout(end, time);
      this.waking.add(end);
    });
  }

  wake() {
    for (const end of [...this.waking]) end();
  }

  // A closed laptop stops the clock: when it goes on, what was under way is dead.
  watchSleep() {
    let last = Date.now();
    setInterval(() => {
      if (Date.now() - last > 30_000) {
        this.tus.abandon();
        this.wake();
      }
      last = Date.now();
    }, 5000);
  }
}

export function shape(upload) {
  return {
    folder: upload.folder,
    name: upload.name,
    size: upload.size,
    modified: upload.modified_at ? Date.parse(upload.modified_at) : 0,
  };
}

async function read(blob) {
  try {
    return await blob.arrayBuffer();
  } catch {
    throw new Problem("unreadable");
  }
}

function pauseBefore(tries) {
  return Math.min(60_000, 1000 * 2 ** Math.min(tries, 6)) * (0.75 + Math.random() / 2);
}
