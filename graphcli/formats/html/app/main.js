// What the user does: mouse, touch, keys, buttons. And the start.

const say = text => { $("said").textContent = text; };

function select(id, go = false) {
  if (id >= 0 && go) {
    const seen = boxOf(isGroup(id) ? -1 : id);
    const wasAll = state.all, target = reveal(id);
    if (seen !== target || wasAll !== state.all) redraw();
    focused = target;
    bring(target, true);
    syncTools();
  }
  state.selected = id;
  mark();
  tell();
  if (id >= 0) say(spoken(id));
  // on a phone the panel takes half of the window
  if (id >= 0 && innerWidth < 720) bring(marks.chosen);
  try { history.replaceState(null, "", id < 0 || isGroup(id) ? "#" : "#" + encodeURIComponent(N.name[id])); } catch { /* a page without an address */ }
}

function toggleGroup(id) {
  if (state.open.has(id)) state.open.delete(id); else state.open.add(id);
  redraw(id);
  bring(id);
  say(`${labelOf(id)} ${isOpen(id) ? "open" : "closed"}, ${plural(scene.boxes.length, "box").replace("boxs", "boxes")}`);
}

function focusBox(id) {
  if (id < 0 || !scene.at.has(id)) return;
  focused = id;
  bring(id);
  parts.forEach(dress);
  parts.find(p => p.thing.id === id && p.element)?.element.focus({preventScroll: true});
}

// The nearest box in a direction: far aside counts more than far ahead.
function neighbour(id, dx, dy) {
  const here = scene.at.get(id), mid = b => b.depth === undefined ? [b.x + b.w / 2, b.y + b.h / 2] : [b.x + 40, b.y + 12];
  const [x, y] = mid(here);
  let best = -1, least = Infinity;
  for (const b of scene.at.values()) {
    const [bx, by] = mid(b), ahead = (bx - x) * dx + (by - y) * dy, aside = Math.abs((bx - x) * dy) + Math.abs((by - y) * dx);
    if (ahead > 4 && ahead + 2.5 * aside < least) { least = ahead + 2.5 * aside; best = b.id; }
  }
  return best;
}

function syncTools() {
  $("all").setAttribute("aria-pressed", state.all);
  $("turn").setAttribute("aria-pressed", state.right);
}

const actions = {
  fit, in: () => zoom(1.25), out: () => zoom(0.8),
  open: () => { if (openMore()) { redraw(); fit(); } else say(`more than ${OPEN_LIMIT} boxes: open single scopes`); },
  close: () => { state.open = new Set([ROOT]); redraw(); fit(); },
  turn: () => { state.right = !state.right; redraw(); fit(); syncTools(); },
  all: () => {
    state.all = !state.all;
    recount();
    firstLook();
    syncTools();
    tell();
  },
  theme: () => {
    const order = ["auto", "light", "dark"], root = document.documentElement;
    const next = order[(order.indexOf(root.dataset.theme || "auto") + 1) % 3];
    setTheme(next);
    try { localStorage.setItem("graphcli-theme", next); } catch { /* no storage for files */ }
  },
  help: () => {
    const keys = $("keys");
    keys.hidden = !keys.hidden;
    $("help").setAttribute("aria-expanded", String(!keys.hidden));
  },
};

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  $("theme").textContent = name[0].toUpperCase() + name.slice(1);
}

for (const name in actions) $(name).addEventListener("click", () => actions[name]());
$("paint").addEventListener("change", e => { state.paint = e.target.value; redraw(); });

const KEYS = [["/", "search"], ["← ↑ → ↓", "go to the next box"], ["Enter", "details; a scope opens or closes"],
  ["Escape", "leave"], ["u", "to the scope around"], ["[ ]", "close all, open one level"],
  ["+ − 0", "zoom, fit"], ["a", "gradients and initializers too"], ["r", "flow upward or to the right"],
  ["t", "light or dark"], ["drag, wheel, pinch", "move, zoom; Shift and wheel moves"]];
$("keys").replaceChildren(h("dl", {}, KEYS.flatMap(([key, text]) => [h("dt", {}, key), h("dd", {}, text)])));

const shortcuts = {"+": "in", "=": "in", "-": "out", "0": "fit", a: "all", r: "turn", t: "theme", "?": "help", "]": "open", "[": "close"};
const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || ["SELECT", "TEXTAREA", "INPUT"].includes(e.target.tagName)) return;
  const onBox = e.target.closest?.("[data-id]");
  if (e.key === "/") { query.focus(); query.select(); }
  else if (e.key === "Escape") {
    if (!$("keys").hidden) actions.help();
    else { query.value = ""; search(); select(-1); focusBox(focused); }
  } else if (arrows[e.key] && (onBox || e.target === document.body || e.target === svg)) {
    focusBox(onBox ? neighbour(+onBox.dataset.id, ...arrows[e.key]) : focused);
  } else if (onBox && (e.key === "Enter" || e.key === " ")) {
    const id = +onBox.dataset.id;
    select(id);
    if (isGroup(id)) { toggleGroup(id); focusBox(id); tell(); } else panel.focus();
  } else if (onBox && e.key === "u") {
    for (let g = parentOf[+onBox.dataset.id]; g > ROOT; g = parentOf[g]) if (scene.at.has(g)) { focusBox(g); break; }
  } else if (shortcuts[e.key]) actions[shortcuts[e.key]]();
  else return;
  e.preventDefault();
});

// Pointers: one drags, two pinch; a press that does not move is a click.
const pointers = new Map();
let moved = false, apartBefore = 0;
svg.addEventListener("pointerdown", e => {
  if (e.button) return;
  pointers.set(e.pointerId, [e.clientX, e.clientY]);
  if (pointers.size === 1) moved = false;
  apartBefore = 0;
});
svg.addEventListener("pointermove", e => {
  const last = pointers.get(e.pointerId);
  if (!last) return;
  const dx = e.clientX - last[0], dy = e.clientY - last[1];
  if (!moved && Math.hypot(dx, dy) < 4 && pointers.size === 1) return;
  if (!moved) { moved = true; svg.setPointerCapture(e.pointerId); svg.classList.add("drag"); }
  pointers.set(e.pointerId, [e.clientX, e.clientY]);
  if (pointers.size === 2) {
    const [[x0, y0], [x1, y1]] = [...pointers.values()], now = Math.hypot(x0 - x1, y0 - y1), rect = svg.getBoundingClientRect();
    if (apartBefore) zoom(now / apartBefore, (x0 + x1) / 2 - rect.left, (y0 + y1) / 2 - rect.top);
    apartBefore = now;
    view.x += dx / 2;
    view.y += dy / 2;
  } else {
    view.x += dx;
    view.y += dy;
  }
  later();
});
for (const end of ["pointerup", "pointercancel"]) {
  svg.addEventListener(end, e => { pointers.delete(e.pointerId); svg.classList.remove("drag"); });
}
svg.addEventListener("click", e => {
  if (moved) { moved = false; return; }
  const g = e.target.closest("[data-id]");
  if (!g) { select(-1); return; }
  const id = +g.dataset.id;
  focused = id;
  if (e.target.closest(".shut")) toggleGroup(id);
  select(id);
  if (e.detail === 2 && isGroup(id)) { toggleGroup(id); tell(); }
});
svg.addEventListener("wheel", e => {
  e.preventDefault();
  const unit = e.deltaMode ? 30 : 1;
  if (e.shiftKey) { view.x -= (e.deltaX || e.deltaY) * unit; later(); return; }
  const rect = svg.getBoundingClientRect();
  zoom(Math.exp(-Math.max(-300, Math.min(300, e.deltaY * unit)) * (e.ctrlKey ? 0.01 : 0.002)), e.clientX - rect.left, e.clientY - rect.top);
}, {passive: false});

// On paper: the whole picture, in black on white, without what one clicks.
let onScreen = null;
addEventListener("beforeprint", () => {
  onScreen = {...view};
  Object.assign(view, {x: 0, y: 0, k: 1});
  update(true);
  svg.setAttribute("viewBox", `-8 -8 ${scene.w + 16} ${scene.h + 16}`);
});
addEventListener("afterprint", () => { svg.removeAttribute("viewBox"); Object.assign(view, onScreen); update(); });
addEventListener("resize", later);

// At most some 60 boxes, and fewer where they would be too small to read, but not so few that they say nothing;
// upward, unless the picture is read much better with the flow to the right.
function firstLook() {
  const scale = right => {
    state.right = right;
    const {w, h: tall} = buildScene();
    return Math.min(1, scaleOf(w, tall));
  };
  let open = null;
  for (const part of [1, 0.7, 0.4, 0.25, 0.12]) {
    openWhatFits(D.look.boxes * part);
    if (open && buildScene().boxes.length < 8) { state.open = open; break; }
    open = state.open;
    const aside = scale(true), up = scale(false);
    state.right = D.look.direction ? D.look.direction === "right" : aside > 1.15 * up;
    if (D.look.depth !== null || D.look.boxes !== 60 || Math.max(aside, up) > 0.45) break;
  }
  redraw();
  fit();
}

function start() {
  let theme = D.look.theme;
  if (theme === "auto") try { theme = localStorage.getItem("graphcli-theme") || theme; } catch { /* no storage for files */ }
  setTheme(["light", "dark"].includes(theme) ? theme : "auto");
  for (const [what, there] of [["time", D.run], ["change", D.changes]]) if (there) $("paint").append(h("option", {}, what));
  if (D.changes) state.paint = "change";
  $("paint").value = state.paint;
  if (innerWidth < 720 || !D.look.legend) $("legend").open = false;
  recount();
  firstLook();
  tell();
  syncTools();
  performance.mark("drawn");
  let wanted = "";
  try { wanted = decodeURIComponent(location.hash.slice(1)); } catch { /* no name */ }
  const at = wanted ? N.name.indexOf(wanted) : -1;
  if (at >= 0) select(at, true);
}

start();
