// Combobox over a JSON endpoint, after the ARIA APG pattern "editable combobox with list autocomplete".
// <input data-combobox data-src="/places/suggest/" data-target="id_place">; data-target is the id of a hidden input.
// The endpoint answers {"results": [{"id", "label", "sublabel"?, "lang"?, "note"?}]} to ?q=…; it filters by permission.
// Typing clears the hidden value; without a script the server reads the text itself. Nothing is created silently.

const strings = document.getElementById("ui-strings")?.dataset ?? {};
const DELAY = 180;
let serial = 0;

class Combobox {
  constructor(input) {
    this.input = input;
    this.hidden = document.getElementById(input.dataset.target);
    this.active = -1;
    this.options = [];
    this.build();
    input.addEventListener("input", (event) => this.typed(event));
    input.addEventListener("compositionend", () => this.ask());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
  }

  build() {
    const id = `cb-${(serial += 1)}`;
    this.box = Object.assign(document.createElement("div"), { id, className: "listbox", hidden: true });
    this.box.setAttribute("role", "listbox");
    this.box.setAttribute("aria-label", this.input.labels?.[0]?.textContent.trim() ?? strings.choices ?? "");
    this.live = Object.assign(document.createElement("span"), { className: "sr" });
    this.live.setAttribute("role", "status");
    const anchor = this.input.closest(".combo") ?? this.input;
    const wrap = document.createElement("div");
    wrap.className = "combo-box";
    anchor.before(wrap);
    wrap.append(anchor, this.box, this.live);
    const attributes = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false" };
    for (const [name, value] of Object.entries({ ...attributes, "aria-controls": id })) {
      this.input.setAttribute(name, value);
    }
    // A press on an option must not blur the input before the click arrives.
    this.box.addEventListener("pointerdown", (event) => event.preventDefault());
    this.box.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.index));
    });
  }

  typed(event) {
    if (this.hidden && this.hidden.value) this.set("");
    if (!event.isComposing) this.ask();
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), DELAY);
  }

  async load() {
    const text = this.input.value.trim();
    this.request?.abort();
    if (text.length < Number(this.input.dataset.min ?? 1)) {
      this.close();
      return;
    }
    this.request = new AbortController();
    const url = new URL(this.input.dataset.src, location.href);
    url.searchParams.set("q", text);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" }, signal: this.request.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      this.show((await answer.json()).results ?? []);
    } catch (error) {
      if (error.name !== "AbortError") this.say(strings.failed);
    }
  }

  show(options) {
    if (document.activeElement !== this.input) return;
    this.options = options;
    this.active = -1;
    this.box.replaceChildren(...options.map((option, index) => this.row(option, index)));
    this.box.hidden = options.length === 0;
    this.input.setAttribute("aria-expanded", String(options.length > 0));
    this.input.removeAttribute("aria-activedescendant");
    this.say(options.length ? (strings.results ?? "{n}").replace("{n}", options.length) : strings.none);
  }

  row(option, index) {
    const row = Object.assign(document.createElement("div"), { id: `${this.box.id}-${index}` });
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", "false");
    row.dataset.index = index;
    row.append(Object.assign(document.createElement("span"), { textContent: option.label, dir: "auto" }));
    if (option.note) row.append(Object.assign(document.createElement("span"), { className: "n", textContent: option.note }));
    if (option.sublabel) {
      const second = Object.assign(document.createElement("small"), { textContent: option.sublabel, dir: "auto" });
      if (option.lang) second.lang = option.lang;
      row.append(second);
    }
    return row;
  }

  key(event) {
    // While Hangul is being composed, Enter and the arrows belong to the input method.
    if (event.isComposing || event.keyCode === 229) return;
    const open = !this.box.hidden;
    const last = this.options.length - 1;
    if (event.key === "ArrowDown" && !open) this.load();
    else if (event.key === "ArrowDown") this.mark(this.active === last ? 0 : this.active + 1);
    else if (event.key === "ArrowUp" && open) this.mark(this.active <= 0 ? last : this.active - 1);
    else if (event.key === "Home" && open && this.active >= 0) this.mark(0);
    else if (event.key === "End" && open && this.active >= 0) this.mark(last);
    else if (event.key === "Enter" && open && this.active >= 0) this.choose(this.active);
    else if (event.key === "Escape" && open) this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  mark(index) {
    this.active = index;
    for (const [at, row] of [...this.box.children].entries()) row.setAttribute("aria-selected", String(at === index));
    const row = this.box.children[index];
    this.input.setAttribute("aria-activedescendant", row.id);
    row.scrollIntoView({ block: "nearest" });
  }

  choose(index) {
    const option = this.options[index];
    this.input.value = option.label;
    this.set(option.id);
    this.close();
    this.input.dispatchEvent(new CustomEvent("combobox:choose", { bubbles: true, detail: option }));
  }

  set(value) {
    if (!this.hidden) return;
    this.hidden.value = value;
    this.hidden.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.box.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  say(text) {
    this.live.textContent = text ?? "";
  }
}

function prepare(root) {
  for (const input of root.querySelectorAll("input[data-combobox]:not([role])")) new Combobox(input);
}

prepare(document);
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
document.addEventListener("formset:added", (event) => prepare(event.target));
