// A map of pydeck layers that keeps its view from one run of the page to the next; its buttons, slider and scale.

const FRAME_MS = 700;
const SETTLED_MS = 120;

function bundle() {
  if (globalThis.createDeck) return Promise.resolve();
  globalThis.posthouseDeck ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = "/_map/deck.js";
    script.onload = done;
    script.onerror = () => {
      delete globalThis.posthouseDeck;
      script.remove();
      failed(new Error("deck.js"));
    };
    document.head.append(script);
  });
  return globalThis.posthouseDeck;
}

// pydeck's JSON becomes layers and views; nothing is drawn yet.
function converted(json) {
  let found = null;
  globalThis.updateDeck(json, { setProps: (props) => { found = props; } });
  return found;
}

class MapView {
  constructor(root, send) {
    this.root = root;
    this.send = send;
    this.box = root.querySelector(".map");
    this.tiles = new Map();
    this.hexes = new Map();
    this.clicks = 0;
    this.asking = 0;
    const on = (name, event, act) => root.querySelector(name).addEventListener(event, act);
    on(".in", "click", () => this.nudge(1));
    on(".out", "click", () => this.nudge(-1));
    on(".home", "click", () => this.go(this.home));
    on(".play", "click", () => (this.timer ? this.pause() : this.play()));
    on(".month", "input", (event) => {
      const month = Number(event.target.value);
      this.pause();
      this.show(month);
    });
    on(".month", "change", () => this.send("month", this.zooming.keys[this.month]));
    on(".all", "click", () => this.toggleEvery());
  }

  // One after another: a run may bring the next before the last is drawn.
  take(data) {
    this.turn = (this.turn ?? Promise.resolve()).then(() => this.update(data)).catch((error) => this.failed(error));
  }

  async update(data) {
    if (this.closed) return;
    const first = !this.deck;
    const fresh = first || data.spec !== this.data.spec || data.turn !== this.data.turn;
    this.data = data;
    this.words = data.words;
    this.zooming = data.zooming;
    this.root.querySelector(".posthouse-map").style.height = `${data.height}px`;
    this.dress();
    if (first && !document.createElement("canvas").getContext("webgl2")) return this.blind();
    await bundle();
    if (this.closed) return;
    const json = JSON.parse(data.spec);
    if (fresh) this.parts = converted({ ...json, initialViewState: undefined });
    if (first) this.open(json);
    else if (JSON.stringify(json.initialViewState) !== this.opening) this.look(json.initialViewState);
    this.box.querySelector("canvas").setAttribute("aria-label", data.alt);
    if (this.zooming) await this.follow(fresh);
    this.render();
  }

  blind() {
    this.say(this.words.no_webgl);
    this.send("blind", true);
  }

  open(json) {
    this.deck = globalThis.createDeck({ container: this.box, jsonInput: { ...json, layers: [] }, tooltip: false });
    this.deck.setProps({
      onViewStateChange: ({ viewState, interactionState }) => this.moved(viewState, interactionState),
      getTooltip: (info) => this.tip(info),
      getCursor: ({ isHovering }) => (isHovering ? "pointer" : "grab"),
      onAfterRender: () => this.drawn(),
      onError: (error) => this.failed(error),
    });
    const canvas = this.box.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.addEventListener("pointerdown", (event) => { this.pressed = this.at(event); }, true);
    canvas.addEventListener("click", (event) => this.clicked(event));
    canvas.addEventListener("wheel", (event) => this.wheeled(event), { capture: true, passive: false });
    this.look(json.initialViewState);
  }

  look(view) {
    this.opening = JSON.stringify(view);
    const { width, height } = this.box.getBoundingClientRect();
    const room = Math.log2(Math.max(Math.min(width, height * 1.3), 200) / 360);
    this.home = { ...view, zoom: view.zoom + room };
    this.go(this.home, 0);
  }

  go(view, transitionDuration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250) {
    this.deck?.setProps({ initialViewState: { ...view, transitionDuration } });
    if (!transitionDuration) this.moved(view);
  }

  nudge(step) {
    if (!this.deck) return;
    const { minZoom = 1, maxZoom = 15 } = this.home;
    this.goal = Math.min(Math.max((this.goal ?? this.view.zoom) + step, minZoom), maxZoom);
    this.go({ ...this.view, zoom: this.goal });
  }

  // The wheel scrolls the page; with Ctrl (or two fingers on a trackpad) it zooms.
  wheeled(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    this.nudge(event.deltaY < 0 ? 0.5 : -0.5);
  }

  moved(view, under) {
    this.view = view;
    if (!under?.inTransition) this.goal = undefined;
    const { km, pixels } = scaleBar(view);
    const bar = this.root.querySelector(".scale");
    bar.style.width = `${pixels}px`;
    bar.textContent = km < 1 ? `${Math.round(km * 1000)} m` : `${km} km`;
    if (!this.zooming) return;
    this.box.ariaBusy = "true";
    clearTimeout(this.later);
    this.later = setTimeout(() => this.settled(), SETTLED_MS);
  }

  async settled() {
    const { later } = this;
    await this.follow(false);
    this.render();
    const rest = () => {
      this.drawn();
      if (later === this.later) this.box.ariaBusy = "false";
    };
    requestAnimationFrame(() => requestAnimationFrame(rest));
  }

  dress() {
    const { root, words, zooming } = this;
    for (const name of ["in", "out", "home", "all"]) {
      root.querySelector(`.${name}`).title = words[name];
      root.querySelector(`.${name}`).setAttribute("aria-label", words[name]);
    }
    root.querySelector(".all").textContent = words.all;
    root.querySelector(".time").hidden = !zooming;
    root.querySelector(".all").hidden = !zooming?.stations;
    if (!zooming) return;
    const slider = root.querySelector(".month");
    slider.max = zooming.months.length - 1;
    slider.setAttribute("aria-label", words.month);
    if (this.month === undefined || this.asked !== zooming.month) this.month = zooming.month;
    this.asked = zooming.month;
    this.mark();
  }

  mark() {
    const { months } = this.zooming;
    const slider = this.root.querySelector(".month");
    slider.value = this.month;
    slider.setAttribute("aria-valuetext", months[this.month]);
    this.root.querySelector(".now").textContent = months[this.month];
    const button = this.root.querySelector(".play");
    button.textContent = this.timer ? "❚❚" : "▶";
    button.title = this.timer ? this.words.pause : this.words.play;
    button.setAttribute("aria-label", button.title);
    this.root.querySelector(".all").setAttribute("aria-pressed", String(Boolean(this.every)));
  }

  async show(month) {
    this.month = month;
    this.every = null;
    this.mark();
    await this.follow(false);
    this.render();
  }

  play() {
    const last = this.zooming.months.length - 1;
    if (this.month >= last) this.month = -1;
    this.timer = setInterval(() => {
      if (this.month >= last) this.pause();
      else if (!this.busy) this.show(this.month + 1);
    }, FRAME_MS);
    this.show(this.month + 1);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = null;
    if (this.zooming) this.mark();
  }

  at(event) {
    const { left, top } = this.box.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  say(words) {
    this.root.querySelector(".said").textContent = words;
  }

  close() {
    this.closed = true;
    clearInterval(this.timer);
    clearTimeout(this.later);
    this.deck?.finalize();
  }
}
