// Search: names, handles and op types, of several words all; the best 50 as a list, all of them marked in the picture.

const query = $("query"), found = $("found");
const texts = N.name.map((name, i) => `${name}\n${(D.handles[i] || []).join("\n")}`.toLowerCase());
let hits = new Map(), results = [], active = -1;

// Nearer the beginning of the name's last word is better; then a shorter name, then graph order.
function rank(i, wanted) {
  const text = texts[i].slice(0, N.name[i].length), last = text.slice(text.lastIndexOf("/") + 1);
  if (text === wanted || last === wanted) return 0;
  if (last.startsWith(wanted)) return 1;
  if (texts[i].includes(wanted)) return 2;
  return opOf(i).toLowerCase().startsWith(wanted) ? 3 : 4;
}

function search() {
  const wanted = query.value.toLowerCase().split(/\s+/).filter(Boolean);
  hits = new Map();
  results = [];
  active = -1;
  if (wanted.length) {
    const ranked = [];
    for (let i = 0; i < COUNT; i++) {
      const r = Math.max(...wanted.map(word => rank(i, word)));
      if (r < 4) ranked.push([r + (owner(i) < 0 ? 4 : 0), N.name[i].length, i]);
    }
    ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
    results = ranked.slice(0, 50).map(r => r[2]);
    for (const [, , i] of ranked) { const b = boxOf(i); if (b >= 0) hits.set(b, true); }
    say(ranked.length ? `${plural(ranked.length, "node")} found` : "nothing found");
    found.replaceChildren(...results.map((i, k) => h("li", {role: "option", id: `found${k}`, ariaSelected: "false",
      onpointerdown: e => e.preventDefault(), onclick: () => pick(k)}, h("span", {}, N.name[i]),
      h("small", {}, `${opOf(i)}${owner(i) < 0 ? ", not drawn" : ""}`))));
    if (ranked.length !== results.length || !ranked.length) {
      found.append(h("li", {className: "more", role: "presentation"},
        ranked.length ? `${ranked.length - results.length} more` : "nothing found"));
    }
  }
  found.hidden = !wanted.length;
  query.setAttribute("aria-expanded", String(wanted.length > 0));
  query.removeAttribute("aria-activedescendant");
  parts.forEach(dress);
}

function step(by) {
  if (!results.length) return;
  found.children[active]?.setAttribute("aria-selected", "false");
  active = (active + by + results.length + (active < 0 && by < 0 ? 1 : 0)) % results.length;
  const option = found.children[active];
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({block: "nearest"});
  query.setAttribute("aria-activedescendant", option.id);
}

function pick(k) {
  if (results[k] === undefined) return;
  found.hidden = true;
  query.setAttribute("aria-expanded", "false");
  select(results[k], true);
  focusBox(boxOf(results[k]));
}

query.addEventListener("input", search);
query.addEventListener("focus", () => { if (query.value) search(); });
query.addEventListener("blur", () => { found.hidden = true; });
query.addEventListener("keydown", e => {
  e.stopPropagation();
  if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); step(e.key === "ArrowDown" ? 1 : -1); }
  else if (e.key === "Enter") pick(Math.max(0, active));
  else if (e.key === "Escape") { query.value = ""; search(); focusBox(focused); }
});
