// Streamlit's own words, said in the reader's language: nodes that Streamlit draws are watched, and what is known by
// heart is replaced, in its own parts of the page alone. Every text replaced is put back when the component goes.

const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt"];
const UNREAD = "script, style, svg, canvas, textarea, [contenteditable=true], [data-testid=stIconMaterial]";

class Translator {
  constructor(groups) {
    this.told = JSON.stringify(groups);
    this.groups = groups.map(({ scope, words }) => ({ scope, words: words.map(([from, to]) => phrase(from, to)) }));
    this.done = new Map();
    this.waiting = new Set();
    this.observer = new MutationObserver((changes) => this.changed(changes));
    this.observer.observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
      attributeFilter: ATTRIBUTES,
    });
    this.walk(document.body);
  }

  changed(changes) {
    for (const { type, target, addedNodes, attributeName } of changes) {
      if (type === "childList") addedNodes.forEach((node) => this.waiting.add(node));
      else if (type === "attributes") this.attribute(target, attributeName);
      else this.text(target);
    }
    for (const node of this.waiting) if (node.isConnected) this.walk(node);
    this.waiting.clear();
    if (this.done.size > 2000) this.forget();
  }

  walk(node) {
    if (node.nodeType === Node.TEXT_NODE) return this.text(node);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of ATTRIBUTES) if (node.hasAttribute(name)) this.attribute(node, name);
    if (!node.matches(UNREAD)) node.childNodes.forEach((child) => this.walk(child));
  }

  text(node) {
    const parent = node.parentElement;
    if (!parent || parent.closest(UNREAD)) return;
    const found = this.say(node.data, parent);
    if (found !== null) this.put(node, "", node.data, found);
  }

  attribute(node, name) {
    const value = node.getAttribute(name);
    const found = value && this.say(value, node);
    if (found) this.put(node, name, value, found);
  }

  // What stands for a text there, or null: most texts hold no Latin letter, and cost one test.
  say(text, element) {
    const words = text.trim();
    if (!/[A-Za-z]/.test(words)) return null;
    for (const whole of [true, false])
      for (const group of this.groups) {
        const hit = group.words.find((word) => word.whole === whole && word.like.test(words));
        if (hit && element.closest(group.scope)) return text.replace(words, () => words.replace(hit.like, hit.to));
      }
    return null;
  }

  put(node, name, before, after) {
    if (before === after) return;
    const held = this.done.get(node) ?? {};
    held[name] = { before, after };
    this.done.set(node, held);
    write(node, name, after);
  }

  forget() {
    for (const node of this.done.keys()) if (!node.isConnected) this.done.delete(node);
  }

  stop() {
    this.observer.disconnect();
    for (const [node, held] of this.done)
      for (const [name, { before, after }] of Object.entries(held)) if (read(node, name) === after) write(node, name, before);
  }
}

const read = (node, name) => (name ? node.getAttribute(name) : node.data);
const write = (node, name, value) => (name ? node.setAttribute(name, value) : (node.data = value));

// "Remove {a}" finds what is removed and keeps it: {a} in the words said stands for it. What is said whole goes first.
function phrase(from, to) {
  const parts = from.split(/\{[a-z]\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const names = [...from.matchAll(/\{([a-z])\}/g)].map((match) => match[1]);
  const kept = to.replace(/\$/g, "$$$$").replace(/\{([a-z])\}/g, (_, name) => `$${names.indexOf(name) + 1}`);
  return { like: new RegExp(`^${parts.join("(.+)")}$`), to: kept, whole: parts.length === 1 };
}

let running = null;

export default function ({ data, parentElement }) {
  if (running?.told !== JSON.stringify(data.groups)) {
    running?.stop();
    running = new Translator(data.groups);
  }
  running.holder = parentElement;
  return () => {
    if (running?.holder !== parentElement) return;
    running.stop();
    running = null;
  };
}
