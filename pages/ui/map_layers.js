// Layers that follow the zoom: what is fetched, and how pydeck's empty layers are filled with it.

const NEVER = 65535;
const TILE_ZOOM = 8;
const HELD_TILES = 96;
const HELD_HEXES = 240;

const text = (value) => String(value).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const underway = new Map();

function packet(url) {
  if (!underway.has(url)) underway.set(url, fetched(url).finally(() => underway.delete(url)));
  return underway.get(url);
}

async function fetched(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const buffer = await answer.arrayBuffer();
  return { n: new Uint32Array(buffer, 0, 1)[0], buffer };
}

function columns(held, ...kinds) {
  let at = 8;
  return kinds.map(([kind, width = 1]) => {
    const column = new kind(held.buffer, at, held.n * width);
    at += column.byteLength;
    return column;
  });
}

function tileBox(x, y) {
  const size = 2 ** TILE_ZOOM;
  const lat = (row) => (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / size))) * 180) / Math.PI;
  return { west: (x / size) * 360 - 180, east: ((x + 1) / size) * 360 - 180, north: lat(y), south: lat(y + 1) };
}

function tileAt(lon, lat) {
  const size = 2 ** TILE_ZOOM;
  const bent = (lat * Math.PI) / 180;
  return [Math.floor(((lon + 180) / 360) * size), Math.floor(((1 - Math.asinh(Math.tan(bent)) / Math.PI) / 2) * size)];
}

function tilesWithin([west, south, east, north]) {
  const [x0, y0] = tileAt(west, north);
  const [x1, y1] = tileAt(east, south);
  const found = [];
  for (let x = x0; x <= x1; x++) for (let y = y0; y <= y1; y++) found.push([x, y]);
  return found;
}

async function readHexes(url) {
  const held = await packet(url);
  const [cells, own, total, most] = columns(held, [BigUint64Array], [Uint32Array], [Uint32Array], [Uint8Array]);
  const ids = Array.from(cells, (cell) => cell.toString(16));
  return { n: held.n, ids, own, total, most, top: own.reduce((a, b) => Math.max(a, b), 1) };
}

async function readTile(url, x, y) {
  const held = await packet(url);
  const kinds = [[Uint16Array], [Uint16Array], [Uint16Array], [Uint16Array], [Uint8Array]];
  const [right, down, opened, closed, network] = columns(held, ...kinds);
  return { n: held.n, box: tileBox(x, y), right, down, opened, closed, network };
}

async function readEvery(url) {
  const held = await packet(url);
  const [places, network] = columns(held, [Float32Array, 2], [Uint8Array]);
  return { n: held.n, places, network };
}

async function readRegions(regions) {
  const [colours] = columns(await packet(`${regions.url}/colours`), [Uint8Array]);
  const place = new Map(regions.codes.map((code, i) => [code, i]));
  return { url: regions.url, n: regions.codes.length, colours, place, words: new Map() };
}

// A number of things, those asked for longest ago forgotten; `wanted` never.
function keep(held, most, wanted = new Set()) {
  for (const name of held.keys()) {
    if (held.size <= most) return;
    if (!wanted.has(name)) held.delete(name);
  }
}

function palette({ networks, focus }) {
  return networks.map(({ rgb }, i) => [...rgb, focus < 0 || i === focus ? 235 : 70]);
}

function withRegions(layer, regions, month, bare) {
  const fill = (feature) => {
    const place = regions.place.get(String(feature.properties.adcode));
    if (place === undefined) return [...bare, 255];
    const at = (month * regions.n + place) * 3;
    return [regions.colours[at], regions.colours[at + 1], regions.colours[at + 2], 255];
  };
  return layer.clone({ getFillColor: fill, updateTriggers: { getFillColor: [regions.url, month] } });
}

function withHexes(layer, held, { networks, focus, rest }, mark) {
  const colour = networks[focus]?.rgb;
  const fill = (_, { index }) => {
    if (!colour) return [...networks[held.most[index]].rgb, 210];
    if (!held.own[index]) return [...rest, 110];
    return [...colour, 70 + Math.round(185 * Math.sqrt(held.own[index] / held.top))];
  };
  return layer.clone({
    data: { length: held.n, held },
    getHexagon: (_, { index }) => held.ids[index],
    getFillColor: fill,
    updateTriggers: { getHexagon: mark, getFillColor: mark },
  });
}

function withStations(layer, { n, places, colours }) {
  const attributes = { getPosition: { value: places, size: 2 }, getFillColor: { value: colours, size: 4 } };
  return layer.clone({ data: { length: n, attributes } });
}

function everyDot({ n, places, network }, zooming) {
  const shades = palette(zooming);
  const colours = new Uint8ClampedArray(4 * n);
  for (let i = 0; i < n; i++) colours.set(shades[network[i]], 4 * i);
  return { n, places, colours, network };
}

// Stations of tiles that are open in a month, those of the network in focus last: on top.
function tileDots(tiles, month, zooming) {
  const most = tiles.reduce((sum, tile) => sum + tile.n, 0);
  const places = new Float32Array(2 * most);
  const colours = new Uint8ClampedArray(4 * most);
  const network = new Uint8Array(most);
  const shades = palette(zooming);
  let n = 0;
  for (const own of zooming.focus < 0 ? [null] : [false, true]) {
    for (const tile of tiles) {
      const { west, east, north, south } = tile.box;
      for (let i = 0; i < tile.n; i++) {
        if (tile.opened[i] > month || tile.closed[i] <= month) continue;
        if (own !== null && (tile.network[i] === zooming.focus) !== own) continue;
        places[2 * n] = west + ((east - west) * tile.right[i]) / NEVER;
        places[2 * n + 1] = north - ((north - south) * tile.down[i]) / NEVER;
        colours.set(shades[tile.network[i]], 4 * n);
        network[n] = tile.network[i];
        n += 1;
      }
    }
  }
  return { n, places: places.subarray(0, 2 * n), colours: colours.subarray(0, 4 * n), network };
}

// Kilometres that fit a bar of some 90 pixels: 1, 2 or 5 times a power of ten, and how long the bar then is.
function scaleBar({ zoom, latitude }) {
  const perPixel = (40075.0167 * Math.cos((latitude * Math.PI) / 180)) / (512 * 2 ** zoom);
  const room = 90 * perPixel;
  const power = 10 ** Math.floor(Math.log10(room));
  const km = [5, 2, 1].find((times) => times * power <= room) * power;
  return { km, pixels: km / perPixel };
}
