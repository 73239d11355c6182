// A map of pydeck layers that keeps its view from one run of the page to the next; its buttons, slider and scale.

const FRAME_MS = 700;
const SETTLED_MS = 120;

function bundle(address) {
  if (globalThis.createDeck) return Promise.resolve();
  globalThis.posthouseDeck ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
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

// Every line between two points of outlines once, though two neighbours share it. Points within a metre are one.
function edges({ features }) {
  const ids = new Map();
  const met = new Set();
  const from = [];
  const to = [];
  const idOf = ([lon, lat]) => {
    const place = Math.round((lon + 180) * 1e5) * 2 ** 25 + Math.round((lat + 90) * 1e5);
    if (!ids.has(place)) ids.set(place, ids.size);
    return ids.get(place);
  };
  const follow = (ring) => {
    let last = idOf(ring[0]);
    for (let i = 1; i < ring.length; i++) {
      const next = idOf(ring[i]);
      const pair = Math.min(last, next) * 2 ** 26 + Math.max(last, next);
      if (!met.has(pair)) {
        from.push(ring[i - 1][0], ring[i - 1][1]);
        to.push(ring[i][0], ring[i][1]);
      }
      met.add(pair);
      last = next;
    }
  };
  for (const { geometry } of features) {
    const shapes = { Polygon: [geometry?.coordinates], MultiPolygon: geometry?.coordinates }[geometry?.type] ?? [];
    for (const rings of shapes) rings.filter((ring) => ring.length).forEach(follow);
  }
  const of = (ends) => ({ value: Float32Array.from(ends), size: 2 });
  return { length: from.length / 2, attributes: { getSourcePosition: of(from), getTargetPosition: of(to) } };
}

// The edges of the outlines at an address, found once for all layers that draw them.
const outlined = new Map();
const MOST_OUTLINES = 8;

function edgesOf(address) {
  return (outlines) => {
    if (outlined.size >= MOST_OUTLINES && !outlined.has(address)) outlined.clear();
    if (!outlined.has(address)) outlined.set(address, edges(outlines));
    return outlined.get(address);
  };
}

// Outlines that are fetched, drawn as plain lines: deck.gl's own strokes take most of a frame without a graphics card.
function lined(layer, outlines) {
  const { id, stroked, getLineColor, lineWidthMinPixels } = layer.props;
  if (typeof outlines !== "string" || !stroked) return [layer];
  const empty = { "@@type": "LineLayer", id: `${id}-lines`, data: [], widthMinPixels: lineWidthMinPixels, getWidth: 0 };
  const [lines] = converted({ layers: [empty] }).layers;
  const filled = layer.props.filled ? [layer.clone({ stroked: false })] : [];
  return [...filled, lines.clone({ data: outlines, dataTransform: edgesOf(outlines), getColor: getLineColor })];
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
    await bundle(data.bundle);
    if (this.closed) return;
    const json = JSON.parse(data.spec);
    if (fresh) this.parts = this.described(json);
    if (first) this.open(json);
    else if (JSON.stringify(json.initialViewState) !== this.opening) this.look(json.initialViewState);
    this.box.querySelector("canvas").setAttribute("aria-label", data.alt);
    if (this.zooming) await this.follow(fresh);
    this.render();
  }

  described(json) {
    const parts = converted({ ...json, initialViewState: undefined });
    const shapes = json.layers.filter((layer) => layer["@@type"] === "GeoJsonLayer");
    const outlines = new Map(shapes.map(({ id, data }) => [id, data]));
    const layers = parts.layers.filter(Boolean).flatMap((layer) => lined(layer, outlines.get(layer.id)));
    return { ...parts, layers };
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
    if (this.zooming && this.goal !== this.view.zoom) this.box.ariaBusy = "true";
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
