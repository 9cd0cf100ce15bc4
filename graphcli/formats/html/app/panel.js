// The panel: all that is known of the selected node or group, with links along its edges.

const panel = $("panel");
const ISSUED = 40;

function link(id, text = isGroup(id) ? group(id).name : N.name[id]) {
  return h("button", {className: "link", type: "button", title: text, onclick: () => select(id, true)}, breakable(text));
}

// A long name breaks behind a scope, if it can.
const breakable = text => text.split(/(?<=\/)/).flatMap((word, i) => i ? [h("wbr"), word] : word);

function row(name, ...content) {
  return [h("dt", {}, name), h("dd", {}, ...content)];
}

// A list that does not grow beyond what one looks at, until asked to.
function listOf(items, draw) {
  const list = h("ul", {}, items.slice(0, ISSUED).map(i => h("li", {}, draw(i))));
  if (items.length > ISSUED) {
    const rest = h("button", {className: "link", type: "button"}, `${items.length - ISSUED} more`);
    rest.onclick = () => { rest.parentNode.remove(); list.append(...items.slice(ISSUED).map(i => h("li", {}, draw(i)))); };
    list.append(h("li", {}, rest));
  }
  return list;
}

const quoted = text => /^[\w@%+=:,./-]+$/.test(text) && text[0] !== "-" ? text : `'${text.replaceAll("'", "'\\''")}'`;

function commandBox(text) {
  const code = h("code", {}, text);
  const copy = h("button", {type: "button", className: "copy"}, "Copy");
  copy.onclick = async () => {
    getSelection().selectAllChildren(code);
    try { await navigator.clipboard.writeText(text); copy.textContent = "Copied"; } catch { document.execCommand("copy"); }
  };
  return h("div", {className: "command"}, code, copy);
}

function placeOf(at) {
  if (at < 0) return ["no line: not from a spec"];
  const [where, text] = D.places[at];
  return [h("div", {className: "where"}, where), h("pre", {}, text.trim())];
}

function tensorAt(from, out) {
  const t = D.tensors[N.out[from][out]];
  return h("span", {className: "type"}, t ? ` ${tensorText(t)}` : "");
}

function inputRows(i) {
  return listOf(N.in[i].map((at, place) => [at, place]), ([at, place]) => {
    const name = h("span", {className: "arg"}, `${D.args[N.args[i]][place]} `);
    if (typeof at === "string") return [name, `${at} (not in this picture)`];
    const [from, out] = Array.isArray(at) ? at : [at, 0];
    const value = from in D.constants ? ` = ${D.constants[from]}` : "";
    return [name, link(from, N.name[from] + (out ? `:${out}` : "")), tensorAt(from, out), value];
  });
}

function variableRows(i) {
  const facts = D.variables[i];
  if (!facts) return [];
  const uses = facts.uses.map(([handle, place, made, statement, calls]) => h("li", {},
    `${made ? "made" : "shared"} by ${statement}${handle ? ` as ${handle}` : ""}`,
    placeOf(place), calls.flatMap(([name, at]) => [`by a call of ${name}`, placeOf(at)])));
  const all = [...new Set([...facts.read, ...facts.written])];
  const show = h("button", {type: "button"}, `Show all ${all.length} users`);
  show.onclick = () => { all.forEach(u => owner(u) >= 0 && reveal(u)); redraw(i); fit(); tell(); };
  return [
    ...(uses.length ? row(uses.length > 1 ? `shared by ${uses.length}` : "made", h("ul", {}, uses)) : []),
    ...row(`read by ${facts.read.length}`, listOf(facts.read, u => link(u))),
    ...(facts.written.length ? row(`written by ${facts.written.length}`, listOf(facts.written, u => link(u))) : []),
    ...(all.length ? row("", show) : []),
  ];
}

function nodePanel(i) {
  const readers = N.out[i].map((_, out) => users[i].filter(k => edges[k][2] === out).map(k => edges[k][1]));
  const waits = users[i].filter(k => edges[k][2] < 0).map(k => edges[k][1]);
  const origin = D.origins[N.origin[i]], handles = D.handles[i] || [], collected = collectionsOf.get(i) || [];
  const attrs = D.attrs[N.attrs[i]];
  return [
    h("h2", {}, breakable(N.name[i])),
    h("p", {className: "kind"}, `${opOf(i)}${origin ? `, made by ${origin}` : ""}${D.changes ? `, ${D.changes[i][0]}` : ""}`),
    h("dl", {},
      D.changes?.[i][1].length ? row("changed", listOf(D.changes[i][1], t => t)) : [],
      row("spec", placeOf(N.place[i])),
      handles.length ? row("handles", handles.join(", ")) : [],
      N.in[i].length ? row("inputs", inputRows(i)) : [],
      N.after[i].length ? row("after", listOf(N.after[i], a => typeof a === "string" ? a : link(a, "^" + N.name[a]))) : [],
      D.run?.[i]?.[2] ? row("took", D.run[i][2]) : [],
      N.out[i].flatMap((_, out) => row(`output ${out}`, tensorAt(i, out),
        D.run?.[i]?.[3][out] ? h("div", {}, `was ${D.run[i][3][out]}`) : [],
        readers[out].length ? listOf([...new Set(readers[out])], u => link(u)) : h("div", {}, "read by nothing"))),
      waits.length ? row("before", listOf(waits, u => link(u))) : [],
      variableRows(i),
      attrs.length ? row("attrs", h("ul", {className: "attrs"}, attrs.map(([key, value]) =>
        h("li", {}, h("span", {className: "arg"}, key), ` ${value || "''"}`)))) : [],
      row("device", D.devices[N.device[i]] || "none asked for"),
      collected.length ? row("collections", collected.join(", ")) : [],
      row("in a terminal", commandBox(`graphcli node ${D.command[0]} ${quoted(N.name[i])}${D.command[1]}`)),
    ),
  ];
}

function groupPanel(id) {
  const {name, kind, label} = group(id), inside = new Set(nodesIn(id)), shown = [...inside].filter(isShown);
  const tally = new Map();
  for (const i of shown) tally.set(opOf(i), (tally.get(opOf(i)) || 0) + 1);
  const ops = [...tally].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const needs = new Set(), gives = new Set();
  for (const [from, to] of edges) {
    if (inside.has(to) && !inside.has(from) && boxOf(from) >= 0) needs.add(from);
    if (inside.has(from) && !inside.has(to) && boxOf(to) >= 0) gives.add(to);
  }
  const toggle = h("button", {type: "button"}, isOpen(id) ? "Close" : "Open");
  toggle.onclick = () => { toggleGroup(id); toggle.textContent = isOpen(id) ? "Close" : "Open"; };
  return [
    h("h2", {}, kind === "scope" ? name || D.graph : label),
    h("p", {className: "kind"}, `${kind}, ${notesOf(id)[0]}`),
    id === ROOT ? "" : toggle,
    h("dl", {},
      headOf(id) >= 0 ? row("with", link(headOf(id))) : [],
      row("inputs", listOf([...needs], i => link(i))),
      row("read by", listOf([...gives], i => link(i))),
      row("ops", listOf(ops, ([op, n]) => `${n} × ${op}`)),
      kind === "scope" && id !== ROOT
        ? row("in a terminal", commandBox(`graphcli nodes ${D.command[0]} --scope ${quoted(name)}${D.command[1]}`)) : [],
    ),
  ];
}

// What the panel says while nothing is selected: the graph as a whole.
function graphPanel() {
  const variables = Object.entries(D.variables), hidden = N.name.filter((_, i) => N.owner[i] === -1).length;
  const shared = variables.filter(([, facts]) => facts.sharedBy > 1);
  return [
    h("h2", {}, D.graph),
    h("p", {className: "kind"}, `${plural(COUNT, "node")}, ${plural(variables.length, "variable")}`),
    h("p", {}, "Click a box for what is known of it, double-click a scope to open it."),
    hidden ? h("p", {}, `${plural(hidden, "node")} of gradients, initializers, savers and the like `
      + `${state.all ? "are drawn too" : "are not drawn; All shows them"}.`) : "",
    D.changes ? h("dl", {}, ["added", "removed", "changed"].flatMap(s => {
      const list = N.name.map((_, i) => i).filter(i => D.changes[i][0] === s);
      return list.length ? row(`${list.length} ${s}`, listOf(list, i => link(i))) : [];
    })) : "",
    shared.length ? h("dl", {}, row("shared", listOf(shared, ([i, facts]) =>
      [link(+i), ` ${sharing(facts)}`]))) : "",
  ];
}

function tell() {
  const id = state.selected;
  const close = h("button", {type: "button", className: "shut", title: "Close (Escape)", ariaLabel: "Close details"}, "×");
  close.onclick = () => { select(-1); };
  panel.replaceChildren(...(id < 0 ? graphPanel() : [close, ...(isGroup(id) ? groupPanel(id) : nodePanel(id))]));
  document.body.classList.toggle("chosen", id >= 0);
  panel.scrollTop = 0;
}

function showLegend() {
  const kinds = Object.keys(D.words).filter(k => scene.boxes.some(b => b.kind === k));
  const box = shape => { const s = make("svg", {viewBox: "-1 -1 30 18", "aria-hidden": "true"}); s.append(shape); return s; };
  const rows = state.paint === "kind"
    ? kinds.map(k => [box(make("g", {class: `box k-${k}`}, make("path", {d: outline(k, 28, 16)}))), D.words[k]])
    : painted.rows.map(([c, t]) => [box(make("g", {class: "box"}, make("path", {class: c, d: outline("array", 28, 16)}))), t]);
  const wire = (c, text) => [box(make("path", {class: `wire ${c}`, d: "M0 8H28"})), text];
  rows.push(wire("", "tensor, wider with size"));
  if (scene.edges.some(e => e.control)) rows.push(wire("control", "runs after"));
  rows.push(wire("into", "what the chosen reads"), wire("from", "what reads it"));
  $("legend").lastElementChild.replaceChildren(...rows.map(([picture, text]) => h("p", {}, picture, text)));
}
