// The tus protocol 1.0 as the uploader speaks it. What fails is a Problem with a kind that the queue knows what to do with.

const PATIENCE = 3 * 60_000; // ms for a piece
const LAST = 60 * 60_000; // ms for the last one: the server reads the whole file once more

export class Problem extends Error {
  constructor(kind, detail = "", wait = 0) {
    super(detail || kind);
    Object.assign(this, { kind, detail, wait });
  }
}

export class Tus {
  constructor({ url, csrfCookie }) {
    Object.assign(this, { url, csrfCookie, running: new Set() });
  }

  async begin({ file, folder, batch }) {
    const said = { filename: file.name, folder, batch, modified: String(file.lastModified) };
    const metadata = Object.entries(said).map(([name, value]) => `${name} ${base64(new TextEncoder().encode(value))}`);
    const answer = await this.ask("POST", this.url, {
      headers: { "Upload-Length": file.size, "Upload-Metadata": metadata.join(",") },
    });
    return new URL(answer.headers.get("Location")).pathname;
  }

  async offset(path) {
    const answer = await this.ask("HEAD", path);
    return Number(answer.headers.get("Upload-Offset"));
  }

  async send(path, bytes, offset, isLast) {
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset };
    headers["Upload-Checksum"] = `sha256 ${base64(new Uint8Array(digest))}`;
    const answer = await this.ask("PATCH", path, { headers, body: bytes, patience: isLast ? LAST : PATIENCE });
    return Number(answer.headers.get("Upload-Offset"));
  }

  async shown(path) {
    return (await this.ask("GET", path)).json();
  }

  async list(batch) {
    const found = [];
    let after = "";
    do {
      const page = await (await this.ask("GET", `${this.url}?batch=${batch}${after && `&after=${after}`}`)).json();
      found.push(...page.results);
      after = page.next_after;
    } while (after);
    return found;
  }

  giveUp(path) {
    return this.ask("DELETE", path);
  }

  // Requests that hang from before the machine slept: they will not be answered any more.
  abandon() {
    for (const controller of this.running) controller.abort();
  }

  async ask(method, url, { headers = {}, body, patience = PATIENCE } = {}) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), patience);
    this.running.add(controller);
    const own = { "Tus-Resumable": "1.0.0", Accept: "application/json", "X-CSRFToken": this.token() };
    let answer;
    try {
      answer = await fetch(url, { method, headers: { ...own, ...headers }, body, signal: controller.signal });
    } catch {
      throw new Problem("lost");
    } finally {
      clearTimeout(timer);
      this.running.delete(controller);
    }
    if (answer.ok) return answer;
    throw await problemOf(answer);
  }

  // Read anew each time: signing in again in another tab changes it.
  token() {
    const start = `${this.csrfCookie}=`;
    const found = document.cookie.split("; ").find((part) => part.startsWith(start));
    return found ? decodeURIComponent(found.slice(start.length)) : "";
  }
}

async function problemOf(answer) {
  const said = await answer.json().catch(() => ({}));
  const wait = 1000 * Number(answer.headers.get("Retry-After") || 0);
  if (answer.status === 423) return new Problem(said.code === "session_locked" ? "locked" : "busy", said.detail);
  if (answer.status === 401) return new Problem("over", said.detail);
  if (answer.status === 429) return new Problem("slow", said.detail, wait || 15_000);
  if (answer.status === 460) return new Problem("mismatch", said.detail);
  if (answer.status >= 500) return new Problem("lost", said.detail);
  if (answer.status === 409 && !said.code) return new Problem("misplaced", said.detail);
  if (answer.status === 403 && /csrf/i.test(said.detail ?? "")) return new Problem("over", said.detail);
  return new Problem("refused", said.detail);
}

function base64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
