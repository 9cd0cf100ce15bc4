// What a box is coloured by, besides its kind: a category that its nodes have in common, or an amount.

const PAINTS = 8;
const categories = {
  device: i => D.devices[N.device[i]] || "no device asked for",
  scope: i => N.name[i].includes("/") ? N.name[i].split("/")[0] : "no scope",
  dtype: i => D.tensors[N.out[i][0]]?.[0] || "no value",
  op: opOf,
};
const amounts = {
  time: i => D.run?.[i]?.[0] || 0,
  memory: i => D.run ? sum(D.run[i]?.[1] || []) : sum(N.out[i].map(t => D.tensors[t][2])),
};

// A number of seconds or bytes for a person.
function amountText(what, amount) {
  const units = what === "time" ? [[1, "s"], [1e-3, "ms"], [1e-6, "µs"]] : [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]];
  const [scale, unit] = units.find(u => amount >= u[0]) || units[units.length - 1];
  return `${+(amount / scale).toPrecision(3)} ${unit}`;
}

// The class of each box's shape and the legend's rows: at most eight categories, or four quarters of the largest.
function paintBoxes(boxes) {
  const by = state.paint, of = new Map();
  if (by === "kind") return {of, rows: []};
  const nodes = id => nodesIn(id).filter(isShown);
  if (by === "change") {
    const met = new Set();
    for (const b of boxes) {
      const [first, ...rest] = new Set(nodes(b.id).map(i => D.changes[i][0])), status = rest.length ? "changed" : first;
      of.set(b.id, status);
      met.add(status);
    }
    return {of, rows: ["added", "removed", "changed", "same"].filter(s => met.has(s)).map(s => [s, s])};
  }
  if (amounts[by]) {
    const values = boxes.map(b => sum(nodes(b.id).map(amounts[by]))), most = Math.max(...values, 0);
    boxes.forEach((b, k) => of.set(b.id, `s${values[k] > 0 ? 1 + Math.min(3, Math.floor(4 * values[k] / most)) : 0}`));
    return {of, rows: [["s0", "none"], ...(most ? [1, 2, 3, 4].map(q => [`s${q}`, `up to ${amountText(by, most * q / 4)}`]) : [])]};
  }
  const tally = new Map();
  const value = boxes.map(b => {
    const [first, ...rest] = new Set(nodes(b.id).map(categories[by])), text = rest.length ? "several" : first;
    tally.set(text, (tally.get(text) || 0) + 1);
    return text;
  });
  const ranked = [...tally].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(t => t[0]).filter(t => t !== "several");
  const names = new Map(ranked.slice(0, PAINTS).map((t, i) => [t, `c${i}`]));
  boxes.forEach((b, k) => of.set(b.id, names.get(value[k]) || "c8"));
  const rows = [...names].map(([t, c]) => [c, t]);
  if (tally.size > names.size) rows.push(["c8", ranked.length > PAINTS ? "others" : "several"]);
  return {of, rows};
}
