// The graph: nodes are numbered from 0, groups follow them. Which boxes there are depends on what is open.

const D = JSON.parse(document.getElementById("data").textContent);
const N = D.nodes, COUNT = N.name.length, ROOT = COUNT, TOTAL = COUNT + D.groups.length;
const OPEN_LIMIT = 2000;

const members = D.groups.map(g => g[3].map(m => m < 0 ? COUNT - m : m));
const parentOf = new Int32Array(TOTAL).fill(-1);
members.forEach((list, g) => list.forEach(m => { parentOf[m] = COUNT + g; }));

const isGroup = id => id >= COUNT;
const group = id => { const [name, label, kind] = D.groups[id - COUNT]; return {name, label, kind}; };
const nodeKind = i => D.kinds[N.kind[i]];
const opOf = i => D.ops[N.op[i]];

// Each edge once: from, to, output of the first or -1 for a control edge, and the place among the inputs.
const edges = [];
const users = N.name.map(() => []);
N.in.forEach((list, to) => list.forEach((at, place) => {
  const [from, out] = Array.isArray(at) ? at : [at, 0];
  if (typeof from === "number") { users[from].push(edges.length); edges.push([from, to, out, place]); }
}));
N.after.forEach((list, to) => list.forEach(from => {
  if (typeof from === "number") { users[from].push(edges.length); edges.push([from, to, -1, -1]); }
}));

const collectionsOf = new Map();
for (const [key, list] of Object.entries(D.collections)) {
  for (const i of list) collectionsOf.set(i, [...(collectionsOf.get(i) || []), key]);
}

const state = {all: D.look.everything, open: new Set([ROOT]), right: false, selected: -1, paint: D.look.color_by};
const count = new Int32Array(D.groups.length), variablesIn = new Int32Array(D.groups.length);

// The node in whose box a node stands; below 0 where it is not drawn.
const owner = i => state.all ? i : N.owner[i];
const isShown = id => isGroup(id) ? count[id - COUNT] > 0 : owner(id) === id;
// A group of one node is drawn as that node.
const isOpen = id => state.open.has(id) && (id === ROOT || count[id - COUNT] > 1);

function recount() {
  for (let g = D.groups.length - 1; g >= 0; g--) {
    count[g] = variablesIn[g] = 0;
    for (const m of members[g]) {
      count[g] += isGroup(m) ? count[m - COUNT] : +isShown(m);
      variablesIn[g] += isGroup(m) ? variablesIn[m - COUNT] : +(isShown(m) && m in D.variables);
    }
  }
}

function onlyNode(id) {
  while (isGroup(id)) id = members[id - COUNT].find(isShown);
  return id;
}

// What is drawn in an open group: nodes, closed groups, open groups.
function itemsOf(id) {
  return members[id - COUNT].filter(isShown).map(m => isGroup(m) && count[m - COUNT] === 1 ? onlyNode(m) : m);
}

// The box in which a node is seen now, or -1.
function boxOf(i) {
  let node = owner(i);
  if (node < 0) return -1;
  let box = node;
  for (let g = parentOf[node]; g >= 0; g = parentOf[g]) if (!isOpen(g) && count[g - COUNT] > 1) box = g;
  return box;
}

function nodesIn(id) {
  if (!isGroup(id)) return [id];
  return members[id - COUNT].flatMap(nodesIn);
}

// Opens from the outside in while there is room, small scopes first and what is of one size in one scope together;
// what repeats stays closed, unless it is all there is.
function openWhatFits(most) {
  state.open = new Set([ROOT]);
  const deep = id => group(id).name.split("/").length;
  let boxes = itemsOf(ROOT).length, level = [ROOT];
  while (level.length) {
    const next = [], batches = new Map();
    for (const outer of level) {
      for (const m of itemsOf(outer)) {
        if (!isGroup(m) || group(m).kind !== "scope" && boxes >= 8) continue;
        const size = itemsOf(m).length, key = `${outer} ${size} ${count[m - COUNT]}`;
        if (!batches.has(key)) batches.set(key, {size, list: []});
        batches.get(key).list.push(m);
      }
    }
    for (const {size, list} of [...batches.values()].sort((a, b) => a.size - b.size || a.list[0] - b.list[0])) {
      const more = list.length * (size - 1);
      const chosen = D.look.depth === null ? (boxes + more <= most ? list : []) : list.filter(m => deep(m) <= D.look.depth);
      if (chosen.length) boxes += more;
      for (const m of chosen) { state.open.add(m); next.push(m); }
    }
    level = next;
  }
}

const visibleGroups = () => {
  const out = [];
  const walk = g => itemsOf(g).forEach(m => { if (isGroup(m)) { out.push(m); if (isOpen(m)) walk(m); } });
  walk(ROOT);
  return out;
};

// Opens every closed group that is drawn; false where that would be too many boxes.
function openMore() {
  const closed = visibleGroups().filter(g => !isOpen(g));
  const boxes = closed.reduce((sum, g) => sum + itemsOf(g).length, scene ? scene.boxes.length : 0);
  if (boxes > OPEN_LIMIT) return false;
  closed.forEach(g => state.open.add(g));
  return true;
}

// Makes a node's own box visible; a node that is not drawn is shown where it stands, or all are shown.
function reveal(i) {
  if (!isGroup(i) && owner(i) < 0) { state.all = true; recount(); }
  const node = isGroup(i) ? i : owner(i);
  for (let g = parentOf[node]; g >= 0; g = parentOf[g]) state.open.add(g);
  return node;
}

function labelOf(id) {
  if (isGroup(id)) {
    const {name, label, kind} = group(id);
    return kind === "scope" && parentOf[id] >= 0 && group(parentOf[id]).kind !== "scope" ? label : label || name;
  }
  const name = N.name[id];
  let g = parentOf[id];
  if (count[g - COUNT] !== 1 || state.all && group(g).name === name) return name.slice(name.lastIndexOf("/") + 1);
  while (parentOf[g] >= 0 && count[parentOf[g] - COUNT] === 1) g = parentOf[g];
  const above = parentOf[g] >= 0 ? group(parentOf[g]).name : "";
  return above ? name.slice(above.length + 1) : name;
}

// What a graph file tells is how often a variable is used, not which statements yield it.
const sharing = ({sharedBy, uses}) => uses.length ? `shared by ${sharedBy}` : `used ${sharedBy} times`;
const isShared = i => (D.variables[i]?.sharedBy || 0) > 1;
// The node that bears a scope's name, as a variable does that of its read and initializer: it lends its look.
const heads = members.map((list, g) => list.find(m => !isGroup(m) && N.name[m] === D.groups[g][0]) ?? -1);
const headOf = id => isGroup(id) && group(id).kind === "scope" && heads[id - COUNT] >= 0
  && isShown(heads[id - COUNT]) ? heads[id - COUNT] : -1;
const kindOf = id => headOf(id) >= 0 ? kindOf(headOf(id))
  : isGroup(id) ? (group(id).kind === "scope" ? "scope" : "series") : isShared(id) ? "shared" : nodeKind(id);
const plural = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;
const sum = list => list.reduce((a, b) => a + b, 0);
const tensorText = t => `${t[0]} ${t[1]}`;
const shapeText = t => t[0] === "float32" ? t[1] : tensorText(t);

// The members of a series, also of one that is in parts.
const alikeIn = id => members[id - COUNT].filter(isShown)
  .reduce((sum, m) => sum + (isGroup(m) && group(m).kind === "part" ? alikeIn(m) : 1), 0);

// The small lines below a box's title.
function notesOf(id) {
  if (headOf(id) >= 0) return [...notesOf(headOf(id)), `and ${plural(count[id - COUNT] - 1, "node")} inside`];
  if (isGroup(id)) {
    const variables = variablesIn[id - COUNT], ops = count[id - COUNT] - variables;
    const alike = group(id).kind === "series" ? [`${alikeIn(id).toLocaleString("en")} alike`] : [];
    return [[...alike, ...(ops ? [plural(ops, "op")] : []), ...(variables ? [plural(variables, "variable")] : [])]
      .join(", ")];
  }
  const notes = [], kind = kindOf(id);
  if (["input", "variable", "shared", "constant"].includes(kind) && N.out[id].length) {
    notes.push(tensorText(D.tensors[N.out[id][0]]));
    if (kind === "shared") notes.push(sharing(D.variables[id]));
  } else if (opOf(id).toLowerCase() !== labelOf(id).toLowerCase()) notes.push(opOf(id));
  if (!state.all) notes.push(...D.inside[id] || []);
  if (D.devices[N.device[id]]) notes.push(D.devices[N.device[id]]);
  if (D.run?.[id]?.[2]) notes.push(`${D.run[id][2]}, ${amountText("memory", sum(D.run[id][1]))}`);
  return notes;
}
