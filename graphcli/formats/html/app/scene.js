// Everything that is drawn now, with its place: open groups, boxes, and edges in stretches from frame to frame.

const TITLE = 13, NOTE = 10.5, ROOM = 40, BAND = 24, PAD = 12;
let scene = null;

const pen = document.createElement("canvas").getContext("2d");
const widths = new Map();
function textWidth(text, size) {
  const key = size + text;
  if (!widths.has(key)) {
    pen.font = `${size}px system-ui, sans-serif`;
    widths.set(key, pen.measureText(text).width);
  }
  return widths.get(key);
}

// The beginning and the end of a long name tell more than its middle; whole characters only.
function shorten(text, most = ROOM) {
  text = text.slice(0, 4 * most) === text ? text : text.slice(0, 2 * most) + text.slice(-2 * most);
  const letters = [...text.replace(/\s+/g, " ")];
  return letters.length <= most ? letters.join("")
    : letters.slice(0, most - 13).join("") + "…" + letters.slice(-12).join("");
}

function newBox(id) {
  const title = shorten(labelOf(id)), notes = notesOf(id).map(t => shorten(t));
  const kind = kindOf(id), slant = ["random", "control", "input"].includes(kind) ? 14 : 0;
  const w = Math.max(48, textWidth(title, TITLE), ...notes.map(t => textWidth(t, NOTE))) + 18 + slant;
  const lid = {variable: 9, shared: 9, scope: 6, series: 8}[kind] || 0;
  return {id, title, notes, kind, lid, w: Math.ceil(w), h: 23 + 13 * notes.length + lid, x: 0, y: 0};
}

function buildScene() {
  const home = new Map(), frames = new Map(), boxes = new Map();
  const enter = (g, depth) => {
    const frame = {id: g, depth, items: [], index: new Map(), edges: new Map(), ports: new Map()};
    frames.set(g, frame);
    for (const m of itemsOf(g)) {
      home.set(m, g);
      frame.index.set(m, frame.items.length);
      frame.items.push(m);
      if (isGroup(m) && isOpen(m)) enter(m, depth + 1);
      else boxes.set(m, newBox(m));
    }
  };
  enter(ROOT, 0);
  const pairs = pairsOfBoxes();
  for (const pair of pairs) split(pair, home, frames);
  for (const g of [...frames.keys()].reverse()) layOut(frames.get(g), frames, boxes);
  const root = frames.get(ROOT), found = {boxes: [], frames: [], edges: [], pairs};
  put(root, 0, 0, root.m, frames, boxes, found);
  [found.w, found.h] = state.right ? [root.m, root.c] : [root.c, root.m];
  found.at = new Map([...found.frames, ...found.boxes].map(b => [b.id, b]));
  return found;
}

// The edges between boxes, each pair of boxes once.
function pairsOfBoxes() {
  const box = N.name.map((_, i) => boxOf(i)), found = new Map();
  edges.forEach(([from, to, out], k) => {
    const a = box[from], b = box[to];
    if (a < 0 || b < 0 || a === b) return;
    const key = a * TOTAL + b;
    let pair = found.get(key);
    if (!pair) found.set(key, pair = {a, b, edges: [], control: true, bytes: 0});
    pair.edges.push(k);
    if (out >= 0) {
      pair.control = false;
      pair.bytes = Math.max(pair.bytes, D.run?.[from]?.[1][out] ?? D.tensors[N.out[from][out]]?.[2] ?? 0);
    }
  });
  return [...found.values()];
}

// A pair's edge goes out through the frames around its start and in through those around its end. Edges that
// part or meet at the same frame share a gap in it.
function split(pair, home, frames) {
  const from = [pair.a], to = [pair.b];
  while (from[from.length - 1] !== ROOT) from.push(home.get(from[from.length - 1]));
  while (to[to.length - 1] !== ROOT) to.push(home.get(to[to.length - 1]));
  while (from.length > 1 && to.length > 1 && from[from.length - 2] === to[to.length - 2] ) { from.pop(); to.pop(); }
  const near = from[from.length - 2], far = to[to.length - 2];
  for (let i = 0; i + 2 < from.length; i++) {
    stretch(frames.get(from[i + 1]), from[i], "o" + far, pair, i ? "o" + far : null, null);
  }
  stretch(frames.get(from[from.length - 1]), near, far, pair, from.length > 2 ? "o" + far : null,
    to.length > 2 ? "i" + near : null);
  for (let i = 0; i + 2 < to.length; i++) {
    stretch(frames.get(to[i + 1]), "i" + near, to[i], pair, null, i ? "i" + near : null);
  }
}

function stretch(frame, a, b, pair, leaves, enters) {
  for (const end of [a, b]) {
    if (typeof end === "string" && !frame.index.has(end)) {
      frame.index.set(end, frame.items.length);
      frame.items.push(end);
    }
  }
  const key = `${a} ${b} ${leaves} ${enters}`;
  const found = frame.edges.get(key) || {a, b, leaves, enters, pairs: [], control: true, bytes: 0};
  found.pairs.push(pair);
  found.control &&= pair.control;
  found.bytes = Math.max(found.bytes, pair.bytes);
  frame.edges.set(key, found);
}

// Inner frames have been laid out: their sizes and the places of their gaps are known.
function layOut(frame, frames, boxes) {
  const turned = state.right, band = turned ? 0 : BAND;
  const size = frame.items.map(item => {
    if (typeof item === "string") return {c: 8, m: 0, port: item[0]};
    const inner = frames.get(item), box = boxes.get(item);
    if (inner) return {c: inner.c, m: inner.m};
    return {...(turned ? {c: box.h, m: box.w} : {c: box.w, m: box.h}), many: isGroup(item)};
  });
  const list = [...frame.edges.values()];
  const gap = (item, port) => port === null ? null : frames.get(item).ports.get(port) - frames.get(item).c / 2;
  const fixed = end => typeof end === "string" ? 0 : null;
  const drawn = layered(size, list.map(e => ({
    a: frame.index.get(e.a), b: frame.index.get(e.b), w: 1,
    ao: e.leaves === null ? fixed(e.a) : gap(e.a, e.leaves), bo: e.enters === null ? fixed(e.b) : gap(e.b, e.enters),
  })));
  const root = frame.id === ROOT, ports = kind => size.some(s => s.port === kind);
  const title = textWidth(shorten(labelOf(frame.id)), TITLE) + 44;
  const side = root ? [0, 0] : [turned ? BAND + 2 : PAD, PAD];
  const low = root || ports("i") ? 0 : PAD, above = root ? 0 : band + (ports("o") ? 0 : turned ? PAD : 4);
  const wide = turned ? 0 : Math.max(0, title - drawn.c - side[0] - side[1]) / 2;
  frame.c = Math.max(drawn.c + side[0] + side[1] + 2 * wide, turned ? 30 : 0);
  frame.m = Math.max(drawn.m + low + above, turned && !root ? title : 0);
  const shift = ([c, m]) => [c + side[0] + wide, m + low];
  frame.places = drawn.at.map(shift);
  frame.items.forEach((item, i) => { if (typeof item === "string") frame.ports.set(item, frame.places[i][0]); });
  frame.size = size;
  list.forEach((e, k) => {
    e.route = drawn.routes[k].map(shift);
    if (typeof e.b === "string") e.route.push([e.route[e.route.length - 1][0], frame.m]);
  });
  frame.list = list;
}

// From places in frames to places in the whole.
function put(frame, c0, m0, whole, frames, boxes, found) {
  const turn = (c, m) => state.right ? [m, c] : [c, whole - m];
  frame.items.forEach((item, i) => {
    if (typeof item === "string") return;
    const {c, m} = frame.size[i], low = c0 + frame.places[i][0] - c / 2, near = m0 + frame.places[i][1];
    const inner = frames.get(item), thing = inner || boxes.get(item);
    [thing.x, thing.y] = state.right ? [near, low] : [low, whole - near - m];
    if (!inner) { found.boxes.push(thing); return; }
    [thing.w, thing.h] = state.right ? [m, c] : [c, m];
    thing.title = shorten(labelOf(item));
    found.frames.push(thing);
    put(inner, low, near, whole, frames, boxes, found);
  });
  const labelled = new Set(), leaving = new Map();
  for (const e of frame.list) leaving.set(e.a, (leaving.get(e.a) || 0) + 1);
  for (const e of frame.list) {
    const points = e.route.map(([c, m]) => turn(c + c0, m + m0)), last = points[points.length - 1];
    const edge = {pairs: e.pairs, control: e.control, d: curve(points, typeof e.b !== "string" && e.enters === null),
      width: e.control ? 1 : Math.min(5, 1 + Math.log10(Math.max(1, e.bytes / 64)) * 0.6), label: null};
    const xs = points.map(p => p[0]), ys = points.map(p => p[1]);
    edge.box = [Math.min(...xs) - 60, Math.min(...ys) - 20, Math.max(...xs) + 90, Math.max(...ys) + 20];
    const crowded = isGroup(e.a) && leaving.get(e.a) > 1;
    const text = typeof e.a === "string" || e.leaves !== null || crowded ? "" : edgeLabel(e.pairs);
    const spot = `${points[0]} ${text}`;
    if (text && !labelled.has(spot)) {
      labelled.add(spot);
      const left = !state.right && points[3][0] > points[0][0] + 1;
      edge.label = {text, left, x: points[0][0] + (left ? -5 : 5), y: points[0][1] - (state.right ? 4 : 6)};
    }
    edge.end = last;
    found.edges.push(edge);
  }
}

function edgeLabel(pairs) {
  const texts = new Set(pairs.flatMap(p => p.edges).filter(k => edges[k][2] >= 0)
    .map(k => { const t = D.tensors[N.out[edges[k][0]][edges[k][2]]]; return t ? shapeText(t) : ""; }));
  return texts.size > 1 ? `${texts.size} shapes` : shorten([...texts][0] || "", 24);
}

// Straight along the flow through layers, an S between them.
function curve(points, arrow) {
  const r = x => Math.round(x * 10) / 10, xy = ([x, y]) => `${r(x)} ${r(y)}`;
  let d = `M${xy(points[0])}`;
  for (let i = 1; i < points.length; i++) {
    const [x0, y0] = points[i - 1], [x1, y1] = points[i];
    if (state.right ? y0 === y1 : x0 === x1) { d += `L${xy(points[i])}`; continue; }
    d += state.right ? `C${xy([(x0 + x1) / 2, y0])} ${xy([(x0 + x1) / 2, y1])} ${xy(points[i])}`
      : `C${xy([x0, (y0 + y1) / 2])} ${xy([x1, (y0 + y1) / 2])} ${xy(points[i])}`;
  }
  if (arrow) {
    const [x, y] = points[points.length - 1], [px, py] = points[points.length - 2];
    const back = state.right ? Math.sign(px - x || -1) : Math.sign(py - y || 1);
    d += state.right ? `M${xy([x + 6 * back, y - 3.5])}L${xy([x, y])}L${xy([x + 6 * back, y + 3.5])}`
      : `M${xy([x - 3.5, y + 6 * back])}L${xy([x, y])}L${xy([x + 3.5, y + 6 * back])}`;
  }
  return d;
}
