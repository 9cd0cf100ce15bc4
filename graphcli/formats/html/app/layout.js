// A layered drawing of one group (Sugiyama): layers along the flow, few crossings, straight long edges.
// c runs across the flow, m along it. Nothing here knows of graphs, boxes or the screen.

const SIDE = 18, WIRE = 10, STEP = 32;

// items: [{c, m, port}] sizes; port "i" or "o" is a gap in the frame. edges: [{a, b, ao, bo, w}], offsets of the
// ends from the items' middles, null where free. Gives {c, m, at: [[middle c, low m]], routes: [[[c, m]]]}.
function layered(items, edges) {
  const {low, high, layer} = layers(items, edges);
  const {vertices, rows, chains} = chain(items, edges, low, high, layer);
  order(rows, vertices);
  straighten(rows, vertices);
  return measure(items, edges, vertices, rows, chains, low);
}

function layers(items, edges) {
  const n = items.length, out = items.map(() => []), into = items.map(() => []);
  edges.forEach((e, k) => { out[e.a].push(k); into[e.b].push(k); });
  const seen = new Uint8Array(n), back = new Uint8Array(edges.length), sorted = [];
  const visit = v => {
    seen[v] = 1;
    for (const k of out[v]) {
      if (seen[edges[k].b] === 1) back[k] = 1;
      else if (!seen[edges[k].b]) visit(edges[k].b);
    }
    seen[v] = 2;
    sorted.push(v);
  };
  for (let v = 0; v < n; v++) if (!into[v].length) visit(v);
  for (let v = 0; v < n; v++) if (!seen[v]) visit(v);
  sorted.reverse();
  const low = edges.map((e, k) => back[k] ? e.b : e.a), high = edges.map((e, k) => back[k] ? e.a : e.b);
  const up = items.map(() => []), down = items.map(() => []);
  edges.forEach((e, k) => { up[low[k]].push(high[k]); down[high[k]].push(low[k]); });
  const first = items.some(i => i.port === "i") ? 1 : 0, layer = new Int32Array(n).fill(first);
  for (const v of sorted) {
    if (items[v].port === "i") layer[v] = 0;
    for (const w of up[v]) layer[w] = Math.max(layer[w], layer[v] + 1);
  }
  // What has more readers than inputs stands beside its first reader: variables, constants, inputs.
  for (const v of [...sorted].reverse()) {
    if (items[v].port || !up[v].length || up[v].length < down[v].length) continue;
    layer[v] = up[v].reduce((most, w) => Math.min(most, layer[w] - 1), 1e9);
  }
  const alone = sorted.filter(v => !items[v].port && !up[v].length && !down[v].length).sort((a, b) => a - b);
  const deep = sorted.reduce((most, v) => items[v].port === "o" ? most : Math.max(most, layer[v]), first);
  const rows = Math.max(deep - first + 1, Math.ceil(Math.sqrt(alone.length / 1.5)));
  alone.forEach((v, k) => { layer[v] = first + k % rows; });
  const last = sorted.reduce((most, v) => items[v].port === "o" ? most : Math.max(most, layer[v]), first) + 1;
  items.forEach((item, v) => { if (item.port === "o") layer[v] = last; });
  return {low, high, layer};
}

// Long edges get a vertex in each layer they pass; those of one source share it.
function chain(items, edges, low, high, layer) {
  const vertices = items.map((item, v) => ({item: v, c: item.c, layer: layer[v], up: [], down: [], x: 0, pos: 0}));
  const shared = new Map(), linked = new Set();
  const link = (a, b, ao, bo, weight) => {
    const key = `${a},${b},${ao},${bo}`;
    if (linked.has(key)) return;
    linked.add(key);
    vertices[a].up.push([b, ao, bo, weight]);
    vertices[b].down.push([a, bo, ao, weight]);
  };
  const chains = edges.map((e, k) => {
    const forward = low[k] === e.a, at = (forward ? e.ao : e.bo) || 0, to = (forward ? e.bo : e.ao) || 0;
    const path = [low[k]];
    for (let l = layer[low[k]] + 1; l < layer[high[k]]; l++) {
      const key = forward ? `${low[k]},${at},${l}` : `${k}r${l}`;
      if (!shared.has(key)) {
        shared.set(key, vertices.length);
        vertices.push({item: -1, c: 0, layer: l, up: [], down: [], x: 0, pos: 0});
      }
      path.push(shared.get(key));
    }
    path.push(high[k]);
    for (let i = 1; i < path.length; i++) {
      const thin = (vertices[path[i - 1]].item < 0) + (vertices[path[i]].item < 0);
      link(path[i - 1], path[i], i === 1 ? at : 0, i === path.length - 1 ? to : 0, [1, 2, 6][thin]);
    }
    return path;
  });
  const rows = [];
  vertices.forEach((v, i) => (rows[v.layer] ||= []).push(i));
  for (let l = 0; l < rows.length; l++) rows[l] ||= [];
  return {vertices, rows, chains};
}

function crossings(rows, vertices) {
  let sum = 0;
  for (let l = 0; l + 1 < rows.length; l++) {
    const size = rows[l + 1].length + 1, tree = new Int32Array(size + 1);
    let total = 0;
    for (const v of rows[l]) {
      const ends = vertices[v].up.map(u => vertices[u[0]].pos + 1).sort((a, b) => a - b);
      for (const end of ends) { sum += total; for (let i = end; i > 0; i -= i & -i) sum -= tree[i]; }
      for (const end of ends) { total++; for (let i = end; i <= size; i += i & -i) tree[i]++; }
    }
  }
  return sum;
}

// Sweeps by the middle of the neighbours, and keeps the best order that was met.
function order(rows, vertices) {
  const settle = row => row.forEach((v, i) => { vertices[v].pos = i; });
  rows.forEach(settle);
  const where = (side, v) => {
    const ends = vertices[v][side];
    if (!ends.length) return vertices[v].pos;
    return ends.reduce((sum, [u, , at]) => sum + vertices[u].pos + (vertices[u].c ? at / vertices[u].c : 0), 0)
      / ends.length;
  };
  let best = rows.map(r => [...r]), least = crossings(rows, vertices);
  for (let round = 0; round < 14 && least > 0; round++) {
    const side = round % 2 ? "up" : "down";
    for (const row of round % 2 ? [...rows].reverse() : rows) {
      const key = new Map(row.map(v => [v, where(side, v)]));
      row.sort((a, b) => key.get(a) - key.get(b) || vertices[a].pos - vertices[b].pos);
      settle(row);
    }
    const found = crossings(rows, vertices);
    if (found < least) { least = found; best = rows.map(r => [...r]); }
  }
  best.forEach((row, l) => { rows[l] = row; settle(row); });
}

const apart = (v, w) => (v.c + w.c) / 2 + (v.item < 0 || w.item < 0 ? WIRE : SIDE);

// The places nearest to the wanted ones that keep order and distance: least squares, pool adjacent violators.
function pack(row, vertices, want, weight) {
  const blocks = [];
  let offset = 0;
  row.forEach((v, i) => {
    if (i) offset += apart(vertices[row[i - 1]], vertices[v]);
    let block = {sum: weight[i] * (want[i] - offset), weight: weight[i], members: [[v, offset]]};
    while (blocks.length && blocks[blocks.length - 1].sum / blocks[blocks.length - 1].weight
        > block.sum / block.weight) {
      const before = blocks.pop();
      before.sum += block.sum;
      before.weight += block.weight;
      before.members.push(...block.members);
      block = before;
    }
    blocks.push(block);
  });
  for (const b of blocks) for (const [v, at] of b.members) vertices[v].x = b.sum / b.weight + at;
}

function straighten(rows, vertices) {
  for (const row of rows) pack(row, vertices, row.map(() => 0), row.map(() => 1));
  for (let round = 0; round < 16; round++) {
    const sides = round > 11 ? ["up", "down"] : [round % 2 ? "up" : "down"];
    for (const row of round % 2 ? [...rows].reverse() : rows) {
      const want = [], weight = [];
      for (const v of row) {
        let sum = 0, total = 0;
        for (const side of sides) {
          for (const [u, own, other, w] of vertices[v][side]) { sum += w * (vertices[u].x + other - own); total += w; }
        }
        want.push(total ? sum / total : vertices[v].x);
        weight.push(total || 0.05);
      }
      pack(row, vertices, want, weight);
    }
  }
}

function measure(items, edges, vertices, rows, chains, low) {
  const left = vertices.reduce((least, v) => Math.min(least, v.x - v.c / 2), Infinity);
  vertices.forEach(v => { v.x -= left; });
  const c = vertices.reduce((most, v) => Math.max(most, v.x + v.c / 2), 0);
  const bottom = [], top = [];
  let m = 0;
  rows.forEach((row, l) => {
    bottom[l] = m;
    m += row.reduce((most, v) => Math.max(most, vertices[v].item < 0 ? 0 : items[vertices[v].item].m), 0);
    top[l] = m;
    const span = row.reduce((most, v) => vertices[v].up.reduce(
      (s, [u]) => Math.max(s, Math.abs(vertices[u].x - vertices[v].x)), most), 0);
    const bare = row.every(v => vertices[v].item >= 0 && items[vertices[v].item].port);
    if (l + 1 < rows.length) m += (bare ? STEP * 0.6 : STEP) + Math.min(50, span / 14);
  });
  const at = items.map((item, v) => {
    const l = vertices[v].layer;
    return [vertices[v].x, (bottom[l] + top[l] - item.m) / 2];
  });
  const free = spread(items, edges, vertices, chains, low);
  const routes = edges.map((e, k) => {
    const path = chains[k], last = path.length - 1, forward = low[k] === e.a, points = [];
    path.forEach((v, i) => {
      const {x, layer: l, item} = vertices[v];
      if (i === 0) {
        const start = x + free[k][0];
        points.push([start, at[item][1] + items[item].m], [start, top[l]]);
      } else if (i === last) {
        const end = x + free[k][1];
        points.push([end, bottom[l]], [end, at[item][1]]);
      } else points.push([x, bottom[l]], [x, top[l]]);
    });
    return forward ? points : points.reverse();
  });
  return {c, m, at, routes};
}

// Where edges meet their boxes: at a given place, or side by side in the order in which they come.
function spread(items, edges, vertices, chains, low) {
  const ends = edges.map(() => [0, 0]);
  const sides = new Map();
  edges.forEach((e, k) => {
    const forward = low[k] === e.a, path = chains[k], given = forward ? [e.ao, e.bo] : [e.bo, e.ao];
    [[path[0], path[1], 0], [path[path.length - 1], path[path.length - 2], 1]].forEach(([v, next, side]) => {
      if (given[side] !== null) { ends[k][side] = given[side]; return; }
      if (side === 0 && forward && !items[v].many) return;
      const key = v * 2 + side;
      if (!sides.has(key)) sides.set(key, []);
      sides.get(key).push([vertices[next].x, k, side]);
    });
  });
  for (const [key, list] of sides) {
    list.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const step = list.length > 1 ? Math.min(16, items[key >> 1].c * 0.7 / (list.length - 1)) : 0;
    list.forEach(([, k, side], i) => { ends[k][side] = (i - (list.length - 1) / 2) * step; });
  }
  return ends;
}
