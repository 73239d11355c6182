// Layers named "regions", "hexes" and "stations" follow the zoom, "names" appear with it; every other layer is drawn as
// pydeck describes it. What was fetched is kept; a click and a failure are told to the page.

const sites = new WeakMap();
const DRAGGED = 5;
const NAMES_FROM = 5.8;

class Site extends MapView {
  // What the zoom and the month ask for, fetched; an answer that comes too late is dropped.
  async follow(fresh) {
    const { zooming } = this;
    if (fresh && this.source !== zooming.stations) {
      this.tiles.clear();
      this.hexes.clear();
      this.every = null;
      this.mark();
    }
    this.source = zooming.stations;
    const [, stage] = zooming.steps.find(([from]) => this.view.zoom >= from);
    const next = zooming.stations ? stage : "regions";
    const asked = (this.asking += 1);
    this.busy = true;
    const found = await this.fetch(next).catch((error) => this.failed(error));
    if (asked !== this.asking) return;
    this.busy = false;
    if (!found || this.closed) return;
    Object.assign(this, found, { stage: next, told: null });
    this.say(this.every ? this.counted() : this.words.stages[next]);
  }

  async fetch(stage) {
    const { zooming } = this;
    if (stage === "regions") {
      const { regions } = zooming;
      return { regions: this.regions?.url === regions.url ? this.regions : await readRegions(regions) };
    }
    if (stage !== "stations") return this.fetchHexes(`hex/${stage}/${this.month}/${zooming.focus + 1}`);
    const viewport = this.deck.getViewports()[0];
    const wanted = viewport ? tilesWithin(viewport.getBounds()) : [];
    const held = await Promise.all(wanted.map(([x, y]) => this.fetchTile(x, y)));
    keep(this.tiles, HELD_TILES, new Set(wanted.map(([x, y]) => `${x}/${y}`)));
    return { seen: held, seenKey: wanted.join(" ") };
  }

  async fetchHexes(name) {
    const held = this.hexes.get(name) ?? (await readHexes(`${this.zooming.stations}/${name}`));
    this.hexes.delete(name);
    this.hexes.set(name, held);
    keep(this.hexes, HELD_HEXES);
    return { hexName: name };
  }

  async fetchTile(x, y) {
    const name = `${x}/${y}`;
    const held = this.tiles.get(name) ?? (await readTile(`${this.zooming.stations}/tile/${name}`, x, y));
    this.tiles.delete(name);
    this.tiles.set(name, held);
    return held;
  }

  async toggleEvery() {
    const began = performance.now();
    const { month, source } = this;
    const pressed = !this.every;
    this.every = null;
    if (pressed) {
      this.say(this.words.loading);
      const held = await readEvery(`${source}/every/${month}`).catch((error) => this.failed(error));
      if (!held || month !== this.month || source !== this.source) return;
      this.every = { ...held, began };
    }
    this.mark();
    this.say(this.every ? this.counted() : this.words.stages[this.stage]);
    this.render();
  }

  render() {
    if (!this.parts || !this.deck || this.closed) return;
    const layers = this.parts.layers.map((layer) => this.filled(layer));
    this.deck.setProps({ layers: layers.filter(Boolean) });
    if (this.zooming) this.needWords();
  }

  filled(layer) {
    const { zooming, stage, every } = this;
    if (!zooming) return layer;
    if (layer.id === "names") return this.view.zoom >= NAMES_FROM ? layer.clone({}) : null;
    const covered = stage === "regions" && !every;
    if (layer.id === "regions") return covered ? withRegions(layer, this.regions, this.month, zooming.bare) : null;
    if (layer.id === "regions-lines") return layer.clone({ visible: covered });
    if (["land", "land-lines"].includes(layer.id)) return layer.clone({ visible: !covered });
    if (layer.id === "hexes") {
      const held = this.isHex() && !every ? this.hexes.get(this.hexName) : null;
      return held ? withHexes(layer, held, zooming, this.hexName + this.data.spec) : null;
    }
    if (layer.id === "stations") return every || stage === "stations" ? withStations(layer, this.dots()) : null;
    return layer;
  }

  isHex() {
    return !["regions", "stations", undefined].includes(this.stage);
  }

  // Dots of the map as it is, made anew only when something of it has changed.
  dots() {
    const of = this.every ? "every" : this.seenKey;
    const key = [of, this.month, this.zooming.focus, this.source, this.data.spec].join("|");
    if (this.dotsKey !== key) {
      this.made = this.every ? everyDot(this.every, this.zooming) : tileDots(this.seen ?? [], this.month, this.zooming);
      this.dotsKey = key;
    }
    return this.made;
  }

  // What a hover says is fetched once the months stand still.
  async needWords() {
    const { regions, month } = this;
    if (this.stage !== "regions" || this.timer || !regions || regions.words.has(month)) return;
    regions.words.set(month, null);
    const answer = await fetch(`${regions.url}/words/${month}.json`).catch(() => null);
    if (answer?.ok) regions.words.set(month, await answer.json());
    else regions.words.delete(month);
  }

  // What a mark is: texts and numbers that a hover shows and a click sends.
  row({ layer, object, index }) {
    if (!layer || index < 0) return {};
    const { zooming } = this;
    if (zooming && layer.id === "regions") return { adcode: String(object.properties.adcode) };
    if (zooming && layer.id === "hexes") {
      const { ids, own, total, most } = this.hexes.get(this.hexName);
      return { cell: ids[index], own: own[index], all: total[index], most: zooming.networks[most[index]].key };
    }
    if (zooming && layer.id === "stations") return { network: zooming.networks[this.made.network[index]].key };
    const plain = Object.entries({ ...object?.properties, ...object });
    return Object.fromEntries(plain.filter(([, value]) => ["string", "number"].includes(typeof value)));
  }

  tip(info) {
    const html = info.layer ? this.hover(info.layer.id, this.row(info)) : null;
    if (!html) return null;
    const shift = info.x > this.box.clientWidth - 200 ? { marginLeft: "-190px", maxWidth: "170px" } : {};
    return { html, style: { ...this.data.tip.style, ...shift } };
  }

  hover(layer, row) {
    const { zooming, words } = this;
    if (zooming && layer === "regions") return this.regionWords(row.adcode);
    if (zooming && layer === "hexes") {
      const own = zooming.focus < 0 ? "" : `${text(zooming.networks[zooming.focus].name)} <b>${row.own}</b><br/>`;
      return `${own}${text(words.everyone)} <b>${row.all}</b>`;
    }
    if (zooming && layer === "stations") {
      return `<b>${text(zooming.networks.find(({ key }) => key === row.network).name)}</b>`;
    }
    return this.data.tip.html.replace(/\{(\w+)\}/g, (_, name) => text(row[name] ?? ""));
  }

  regionWords(code) {
    const { regions, month, zooming } = this;
    const place = regions?.place.get(code);
    if (place === undefined) return null;
    const said = regions.words.get(month)?.[place] ?? "";
    return `<b>${text(zooming.regions.names[place])}</b><br/>${text(zooming.regions.label)} <b>${text(said)}</b>`;
  }

  // A click is found here: deck.gl loses it where a slow machine needs long to find what lies under the pointer.
  clicked(event) {
    const [x, y] = this.at(event);
    const [x0, y0] = this.pressed ?? [x, y];
    if (event.detail > 1 || Math.hypot(x - x0, y - y0) > DRAGGED) return;
    const info = this.deck.pickObject({ x, y, radius: 3 });
    const [lon, lat] = this.deck.getViewports()[0].unproject([x, y]);
    this.clicks += 1;
    this.send("click", { layer: info?.layer.id ?? "", row: info ? this.row(info) : {}, lat, lon, turn: this.clicks });
  }

  counted() {
    return this.words.shown.replace("{n}", this.every.n.toLocaleString(this.data.lang));
  }

  // The server may have forgotten a layer: the page is asked to offer it again.
  failed(error) {
    if (this.closed) return;
    this.say(`${this.words.failed} (${error.message})`);
    const about = `${this.data.turn} ${this.source} ${error.message}`;
    if (!/404/.test(error.message) || this.told === about) return;
    this.told = about;
    this.send("lost", (this.clicks += 1));
  }

  drawn() {
    const { box, every } = this;
    box.dataset.drawn = String(Number(box.dataset.drawn ?? 0) + 1);
    box.dataset.stage = every ? "every" : this.stage ?? "";
    box.dataset.shown = this.isHex() ? this.hexName : "";
    if (every && !every.took) every.took = performance.now() - every.began;
    if (every) box.dataset.everyMs = every.took.toFixed(0);
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let site = sites.get(parentElement);
  if (!site) sites.set(parentElement, (site = new Site(parentElement, setTriggerValue)));
  site.send = setTriggerValue;
  site.take(data);
  return () => {
    site.close();
    sites.delete(parentElement);
  };
}
