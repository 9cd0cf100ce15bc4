// The scene on the screen: elements only for what is in the window, a transform for pan and zoom.

const SVG = "http://www.w3.org/2000/svg";
const $ = id => document.getElementById(id);
const svg = $("graph");
const make = (name, attrs = {}, ...children) => {
  const out = document.createElementNS(SVG, name);
  for (const key in attrs) out.setAttribute(key, attrs[key]);
  out.append(...children);
  return out;
};
const h = (name, props = {}, ...children) => {
  const out = document.createElement(name);
  for (const key in props) key in out ? out[key] = props[key] : out.setAttribute(key, props[key]);
  out.append(...children.flat(9));
  return out;
};

const world = make("g"), layers3 = ["frames", "wires", "texts", "boxes"].map(c => make("g", {class: c}));
world.append(...layers3);
svg.append(world);
const view = {x: 0, y: 0, k: 1};
let parts = [], focused = -1, pending = 0;

const outlines = {
  input: (w, h) => `M12 0H${w - 12}L${w} ${h / 2}L${w - 12} ${h}H12L0 ${h / 2}Z`,
  random: (w, h) => `M10 0H${w}L${w - 10} ${h}H0Z`,
  control: (w, h) => `M8 0H${w - 8}L${w} 8V${h - 8}L${w - 8} ${h}H8L0 ${h - 8}V8Z`,
  constant: (w, h) => `M0 0H${w - 8}L${w} 8V${h}H0ZM${w - 8} 0V8H${w}`,
  scope: (w, h) => `M0 2Q0 0 2 0H${w * 0.38}L${w * 0.38 + 6} 6H${w - 2}Q${w} 6 ${w} 8V${h - 2}Q${w} ${h} ${w - 2} ${h}H2Q0 ${h} 0 ${h - 2}Z`,
  series: (w, h) => `M6 6V3H${w}V${h - 6}H${w - 3}M3 9V6H${w - 3}V${h - 3}H${w - 6}M0 9H${w - 6}V${h}H0Z`,
  variable: (w, h) => `M0 6V${h - 6}A${w / 2} 6 0 0 0 ${w} ${h - 6}V6A${w / 2} 6 0 0 0 0 6A${w / 2} 6 0 0 0 ${w} 6`,
  array: (w, h) => `M0 0H${w}V${h}H0Z`,
  round: (w, h) => `M6 0H${w - 6}Q${w} 0 ${w} 6V${h - 6}Q${w} ${h} ${w - 6} ${h}H6Q0 ${h} 0 ${h - 6}V6Q0 0 6 0Z`,
};
outlines.shared = outlines.variable;
outlines.state = outlines.array;
const outline = (kind, w, h) => (outlines[kind] || outlines.round)(w, h);

function drawBox(b) {
  const {id, w, h: tall, kind} = b;
  const g = make("g", {class: `box k-${kind}`, transform: `translate(${b.x} ${b.y})`, "data-id": id, role: "button",
    tabindex: id === focused ? 0 : -1, "aria-label": spoken(id)});
  if (isGroup(id)) g.setAttribute("aria-expanded", "false");
  const shape = make("path", {d: outline(kind, w, tall)});
  if (state.paint !== "kind") shape.setAttribute("class", painted.of.get(id));
  g.append(make("title", {}, isGroup(id) ? group(id).name || group(id).label : `${N.name[id]} (${opOf(id)})`), shape);
  g.append(make("text", {x: w / 2, y: 16 + b.lid, class: "title"}, b.title));
  b.notes.forEach((t, i) => g.append(make("text", {x: w / 2, y: 29 + b.lid + 13 * i, class: "note"}, t)));
  return g;
}

function drawFrame(f) {
  const g = make("g", {class: `frame d${f.depth % 2}`, transform: `translate(${f.x} ${f.y})`, "data-id": f.id,
    role: "button", tabindex: f.id === focused ? 0 : -1, "aria-expanded": "true", "aria-label": spoken(f.id)});
  g.append(make("rect", {width: f.w, height: f.h, rx: 8}));
  g.append(make("text", {x: 28, y: 17, class: "title"}, f.title));
  g.append(make("g", {class: "shut"}, make("title", {}, "Close"), make("rect", {x: 8, y: 6, width: 14, height: 14, rx: 3}),
    make("path", {d: "M11 13H19"})));
  return g;
}

function spoken(id) {
  if (isGroup(id)) return `${group(id).kind} ${shorten(labelOf(id), 80)}, ${notesOf(id)[0]}`;
  const into = N.in[id].length, read = users[id].filter(k => edges[k][2] >= 0).length;
  return `${shorten(labelOf(id), 80)}, ${opOf(id)}${isShared(id) ? ", shared" : ""}, ${plural(into, "input")}, `
    + `read ${plural(read, "time")}`;
}

let painted = null;
// Lays out what is open and draws it; keep: the id of what stays where it is on the screen.
function redraw(keep = -1) {
  const before = scene?.at.get(keep), at = before && [before.x + before.w / 2, before.y + before.h / 2];
  scene = buildScene();
  painted = paintBoxes(scene.boxes);
  layers3.forEach(l => l.replaceChildren());
  parts = [
    ...scene.frames.map(f => ({layer: 0, thing: f, box: [f.x, f.y, f.x + f.w, f.y + f.h], draw: () => drawFrame(f)})),
    ...scene.edges.map(e => ({layer: 1, thing: e, box: e.box, draw: () => make("path", {
      d: e.d, class: e.control ? "wire control" : "wire", "stroke-width": e.width.toFixed(1)})})),
    ...scene.edges.filter(e => e.label).map(e => ({layer: 2, thing: e, box: e.box,
      draw: () => make("text", {x: e.label.x, y: e.label.y, "text-anchor": e.label.left ? "end" : "start"}, e.label.text)})),
    ...scene.boxes.map(b => ({layer: 3, thing: b, box: [b.x, b.y, b.x + b.w, b.y + b.h], draw: () => drawBox(b)})),
  ];
  const after = at && scene.at.get(keep);
  if (after) {
    view.x += (at[0] - after.x - after.w / 2) * view.k;
    view.y += (at[1] - after.y - after.h / 2) * view.k;
  }
  if (!scene.at.has(focused)) focused = (scene.frames[0] || scene.boxes[0])?.id ?? -1;
  update();
  mark();
  showLegend();
}

// Only what is in the window has an element.
function update(everything = false) {
  const {x, y, k} = view;
  world.setAttribute("transform", `translate(${x.toFixed(2)} ${y.toFixed(2)}) scale(${k.toFixed(4)})`);
  svg.classList.toggle("far", k < 0.3 && !everything);
  const {clientWidth: w, clientHeight: tall} = svg, margin = 120;
  const [x0, y0, x1, y1] = [(-x - margin) / k, (-y - margin) / k, (w + margin - x) / k, (tall + margin - y) / k];
  const added = [[], [], [], []];
  for (const part of parts) {
    const [a, b, c, d] = part.box;
    const seen = everything || part.thing.id === focused || a < x1 && c > x0 && b < y1 && d > y0;
    if (seen && !part.element) {
      part.element = part.draw();
      dress(part);
      added[part.layer].push(part.element);
    } else if (!seen && part.element) {
      part.element.remove();
      part.element = null;
    }
  }
  added.forEach((list, l) => { if (list.length) layers3[l].append(...list); });
}

function later() {
  pending ||= requestAnimationFrame(() => { pending = 0; update(); });
}

function zoom(factor, cx = svg.clientWidth / 2, cy = svg.clientHeight / 2) {
  const k = Math.min(4, Math.max(0.02, view.k * factor));
  view.x = cx - (cx - view.x) * k / view.k;
  view.y = cy - (cy - view.y) * k / view.k;
  view.k = k;
  later();
}

// The window without what the legend covers, unless that is much of it: [left, width, height].
function room() {
  const {clientWidth: w, clientHeight: tall} = svg, legend = $("legend");
  const left = legend.open && legend.offsetWidth < w / 4 ? legend.offsetWidth : 0;
  return [left, w - left, tall];
}

const scaleOf = (w, tall) => Math.min((room()[1] - 48) / w, (room()[2] - 48) / tall);

function fit() {
  const [left, w, tall] = room();
  view.k = Math.max(0.02, Math.min(1.25, scaleOf(scene.w, scene.h)));
  view.x = left + (w - scene.w * view.k) / 2;
  view.y = (tall - scene.h * view.k) / 2;
  update();
}

// Brings a box into the window, and the zoom to where it can be read.
function bring(id, near = false) {
  const b = scene.at.get(id);
  if (!b) return;
  if (view.k < 0.35 && near) { view.k = 0.8; view.x = 1e9; }
  const {clientWidth: w, clientHeight: tall} = svg, pad = 40;
  const x = b.x * view.k + view.x, y = b.y * view.k + view.y, bw = b.w * view.k, bh = b.h * view.k;
  if (x < pad || x + bw > w - pad || y < pad || y + bh > tall - pad) {
    view.x += w / 2 - x - bw / 2;
    view.y += tall / 2 - y - Math.min(bh, tall - 2 * pad) / 2;
  }
  update();
}

// What is marked: the selected box, what it reads, what reads it, the users of a variable, what was found.
let marks = {};
function mark() {
  const id = state.selected, into = new Set(), from = new Set(), user = new Set();
  const chosen = id < 0 ? -1 : isGroup(id) ? id : boxOf(id);
  const inside = chosen >= 0 && isGroup(chosen) && isOpen(chosen) ? new Set(nodesIn(chosen).map(boxOf)) : new Set([chosen]);
  for (const p of scene.pairs) {
    p.mark = "";
    if (inside.has(p.a) === inside.has(p.b)) continue;
    p.mark = inside.has(p.b) ? "into" : "from";
    inside.has(p.b) ? into.add(p.a) : from.add(p.b);
  }
  const facts = D.variables[id];
  if (facts) for (const i of [...facts.read, ...facts.written]) user.add(boxOf(i));
  marks = {chosen, into, from, user};
  parts.forEach(dress);
}

function dress(part) {
  const {element, thing} = part;
  if (!element) return;
  const on = (name, yes) => element.classList.toggle(name, !!yes);
  if (thing.pairs) {
    on("into", thing.pairs.some(p => p.mark === "into"));
    on("from", thing.pairs.some(p => p.mark === "from"));
    return;
  }
  on("selected", thing.id === marks.chosen);
  on("into", marks.into?.has(thing.id));
  on("from", marks.from?.has(thing.id));
  on("user", marks.user?.has(thing.id));
  on("hit", hits.has(thing.id));
  element.setAttribute("tabindex", thing.id === focused ? 0 : -1);
}
