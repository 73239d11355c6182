// Keys, buttons and swipes of the stage. The slide at the eye changes here at once; the server hears of it after.
const NEXT = new Set(["ArrowRight", "ArrowDown", "PageDown", " ", "Enter"]);
const BACK = new Set(["ArrowLeft", "ArrowUp", "PageUp"]);
const ACTS = { f: "full", b: "names", n: "note", r: "answer", l: "live", escape: "leave" };
const MOVED = "[role=slider], input[type=range], input[type=radio], input[type=checkbox]";
const TYPED = "input, textarea, select, [contenteditable]:not([contenteditable=false]), [role=combobox], [role=listbox], [role=dialog]";
const PRESSED = "button, a[href], summary, [role=button], [role=radio], [role=checkbox], [role=switch]";
const SWIPE = 60;
const AWAKE = 3000;
const LOOKS = 600;
const LOOK = 50;

function held() {
  window.__posthouseStage = window.__posthouseStage || { turn: 0, at: 0, note: false, asked: false };
  return window.__posthouseStage;
}

function show(seen, answers) {
  let style = document.getElementById("posthouse-stage-at");
  if (!style) {
    style = document.createElement("style");
    style.id = "posthouse-stage-at";
    document.head.appendChild(style);
  }
  const aside = answers ? "" : "html .st-key-stage .st-key-stage_answer { display: none !important }";
  const note = seen.note ? "html .st-key-stage .stage-note { display: block !important }" : "";
  style.textContent =
    `html [class*="st-key-stage_slide_"]:not(.st-key-stage_slide_${seen.at}) { visibility: hidden !important; z-index: 0 !important }` +
    `html .st-key-stage_slide_${seen.at} { visibility: visible !important; z-index: 1 !important } ${note} ${aside}`;
}

function within(event, selector) {
  return event.composedPath().some((one) => one instanceof Element && one.matches(selector));
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const seen = held();
  if (data.turn < seen.turn) return; // the bar before the last turn, drawn once more as it leaves
  const bar = parentElement.querySelector(".bar");
  const said = parentElement.querySelector(".said");
  const place = parentElement.querySelector(".place");
  if (data.turn > seen.turn) {
    seen.turn = data.turn;
    seen.at = data.at;
    seen.note = false;
    seen.asked = false;
  }
  seen.at = Math.min(seen.at, data.count - 1);

  const draw = () => {
    show(seen, data.answers);
    place.textContent = data.words.place.replace("{at}", seen.at + 1);
    const now = data.words.said.replace("{at}", seen.at + 1).replace("{title}", data.titles[seen.at]);
    if (said.textContent !== now) said.textContent = now;
    for (const button of bar.querySelectorAll("button")) {
      const act = button.dataset.act;
      button.hidden = (act === "live" && !data.live[seen.at]) || (act === "answer" && !data.may) || (act === "note" && !data.notes[seen.at]);
      button.disabled = (act === "back" && seen.at === 0) || (act === "next" && seen.at === data.count - 1);
      const on = { names: data.names, note: seen.note, live: data.lives, answer: data.answers }[act];
      if (on !== undefined) button.setAttribute("aria-pressed", String(on));
    }
  };
  const go = (to) => {
    const at = Math.max(0, Math.min(to, data.count - 1));
    if (at === seen.at) return;
    seen.at = at;
    draw();
    setStateValue("at", at);
  };
  const full = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  };
  const act = (name) => {
    if (name === "next") go(seen.at + 1);
    else if (name === "back") go(seen.at - 1);
    else if (name === "full") full();
    else if (name === "note") { if (data.notes[seen.at]) { seen.note = !seen.note; draw(); } }
    else if (name === "live") { if (data.live[seen.at]) setTriggerValue("act", name); }
    else if (name === "answer") { if (data.may) setTriggerValue("act", name); }
    else {
      if (name === "leave" && document.fullscreenElement) document.exitFullscreen();
      setTriggerValue("act", name);
    }
  };
  const keyed = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const key = event.key;
    const moved = within(event, MOVED);
    if (!moved && within(event, TYPED)) {
      if (key === "Escape") event.composedPath()[0].blur?.();
      return;
    }
    if (moved && !ACTS[key.toLowerCase()]) return;
    if ((key === " " || key === "Enter") && within(event, PRESSED)) return;
    if (NEXT.has(key)) go(seen.at + (key === " " && event.shiftKey ? -1 : 1));
    else if (BACK.has(key)) go(seen.at - 1);
    else if (key === "Home") go(0);
    else if (key === "End") go(data.count - 1);
    else if (key === "Escape" && data.answers) act("answer");
    else if (ACTS[key.toLowerCase()] && !event.shiftKey) { if (!event.repeat) act(ACTS[key.toLowerCase()]); }
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  let from = null;
  const touched = (event) => {
    const free = event.touches.length === 1 && !within(event, MOVED) && !within(event, TYPED);
    from = free ? [event.touches[0].clientX, event.touches[0].clientY] : null;
  };
  const lifted = (event) => {
    if (!from) return;
    const x = event.changedTouches[0].clientX - from[0];
    const y = event.changedTouches[0].clientY - from[1];
    from = null;
    if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) go(seen.at + (x < 0 ? 1 : -1));
  };
  let sleep = 0;
  const wake = () => {
    bar.classList.add("awake");
    clearTimeout(sleep);
    sleep = setTimeout(() => bar.classList.remove("awake"), AWAKE);
  };
  const clicked = (event) => {
    const button = event.target.closest("button");
    if (button) act(button.dataset.act);
  };
  if (!bar.childElementCount) {
    for (const [name, word, letter, short] of data.buttons) {
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.act = name;
      button.append(letter, document.createElement("small"));
      button.lastChild.textContent = short;
      button.setAttribute("aria-label", word);
      button.title = word;
      bar.appendChild(button);
    }
  } else {
    data.buttons.forEach(([, word, , short], i) => {
      bar.children[i].lastChild.textContent = short;
      bar.children[i].setAttribute("aria-label", word);
      bar.children[i].title = word;
    });
  }
  draw();
  let looks = data.answers && !seen.asked ? LOOKS : 0;
  if (!data.answers) seen.asked = false;
  const focus = () => {
    const box = document.querySelector(".st-key-stage_answer input, .st-key-stage_answer textarea");
    if (box) {
      box.focus();
      seen.asked = true;
    } else if (looks-- > 0) setTimeout(focus, LOOK);
  };
  if (looks) focus();
  window.addEventListener("keydown", keyed, true);
  document.addEventListener("pointermove", wake);
  document.addEventListener("touchstart", touched, { passive: true });
  document.addEventListener("touchend", lifted, { passive: true });
  bar.addEventListener("click", clicked);
  return () => {
    looks = 0;
    clearTimeout(sleep);
    window.removeEventListener("keydown", keyed, true);
    document.removeEventListener("pointermove", wake);
    document.removeEventListener("touchstart", touched);
    document.removeEventListener("touchend", lifted);
    bar.removeEventListener("click", clicked);
    if (!document.querySelector(".st-key-stage")) document.getElementById("posthouse-stage-at")?.remove();
  };
}
