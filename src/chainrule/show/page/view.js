// What the page is told, and where it stands: views (all boxes, or folded), their steps, what has happened so far.
let data = null, machine = null, cannot = "";  // set by `begin`
const $ = id => document.getElementById(id);
const state = { view: "", step: 0, chosen: null, predict: false, inputs: {}, down: false };
const guesses = {};
const view = () => data.views[state.view];
const now = () => view().steps[state.step];

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children.filter(c => c !== null && c !== ""));
  return made;
}

function prepare(name) {  // the boxes, the arrows, the steps of a view
  const v = data.views[name];
  v.by = new Map(v.nodes.map(n => [n.id, n]));
  v.into = new Map(v.nodes.map(n => [n.id, []]));
  v.out = new Map(v.nodes.map(n => [n.id, []]));
  v.edges.forEach((e, k) => {
    e.k = k;
    e.constant = v.by.get(e.from).kind === "constant";
    v.into.get(e.to).push(e);
    v.out.get(e.from).push(e);
  });
  for (const n of v.nodes) n.g = parse(n.g);
  for (const e of v.edges) { e.d = parse(e.d); e.c = parse(e.c); }
  v.forward = v.nodes.filter(n => n.kind !== "constant");
  v.backward = [...v.forward].reverse().filter(n => n.reached);
  v.steps = [...v.forward.map(n => ["forward", n]), ...v.backward.map(n => ["backward", n])];
  v.turn = new Map(v.backward.map((n, k) => [n.id, v.forward.length + k]));
  v.made = new Map(v.forward.map((n, k) => [n.id, k]));
  v.terms = new Map(v.nodes.map(n => [n.id,
    v.out.get(n.id).filter(e => v.turn.has(e.to)).sort((a, b) => v.turn.get(a.to) - v.turn.get(b.to))]));
  v.figure = $(`figure-${name}`);
  v.boxes = new Map([...v.figure.querySelectorAll(".node")].map(g => [Number(g.dataset.n), g]));
  if (!cannot) join(v);
}

function join(v) {  // which uses of operands, as [node, operand], each arrow stands for
  const home = new Map(v.nodes.flatMap(n => n.members.map(k => [k, n.id])));
  const uses = new Map();
  machine.nodes.forEach((n, k) => n.args.forEach((a, i) => {
    if (!isNumber(a)) return;
    const ends = `${home.get(a)} ${home.get(k)}`;
    if (!uses.has(ends)) uses.set(ends, []);
    uses.get(ends).push([n, i]);
  }));
  const rest = new Map();
  for (const e of v.edges) rest.set(`${e.from} ${e.to}`, (rest.get(`${e.from} ${e.to}`) || 0) + 1);
  for (const e of v.edges) {
    const ends = `${e.from} ${e.to}`, left = uses.get(ends) || [], last = rest.get(ends) === 1;
    rest.set(ends, rest.get(ends) - 1);
    e.members = last ? left : left.splice(0, 1);
  }
}

// -- computing again -------------------------------------------------------------------------------------------

function recompute() {
  if (cannot) return;
  machine.compute(state.inputs);
  Object.values(data.views).forEach(renew);
}

function renew(v) {  // the numbers of a view, from those of the recording
  for (const n of v.nodes) {
    const members = n.members.map(k => machine.nodes[k]);
    n.text = spread(members.map(m => m.x));
    n.gradient = spread(members.map(m => m.g));
    n.g = members.length === 1 ? members[0].g : null;
  }
  for (const e of v.edges) {
    if (e.constant || !e.members.length) continue;
    const slopes = e.members.map(([n, i]) => n.d[i]), shares = new Map();
    for (const [n, i] of e.members) shares.set(n.args[i], (shares.get(n.args[i]) ?? 0) + n.c[i]);
    const sent = [...shares.values()];
    [e.d, e.c] = [e.members.length === 1 ? slopes[0] : null, sent.length === 1 ? sent[0] : null];
    e.partial = times(e.n > 1 ? String(e.n) : "", spread(slopes));
    e.weight = spread(e.members.map(([n]) => n.g));
    e.sent = spread(sent);
    e.size = Math.max(...sent.map(c => Number.isNaN(c) ? Infinity : Math.abs(c)));
    e.bad = ![...slopes, ...sent].every(Number.isFinite);
  }
  const heaviest = Math.max(0, ...v.edges.map(e => e.size).filter(Number.isFinite));
  for (const e of v.edges) {
    if (e.size === undefined) continue;
    const share = heaviest && e.size ? Math.sqrt(e.size / heaviest) : 0;
    e.wide = Number.isFinite(share) ? 1 + 4 * share : 5;
  }
}

// -- what has happened at the current step -----------------------------------------------------------------------

const isRoot = n => n.id === view().root;
const isMade = n => n.kind === "constant" || view().made.get(n.id) <= state.step;
const isBack = n => view().turn.get(n.id) <= state.step;  // its own backward step has come
const isBackward = () => state.step >= view().forward.length;
const arrived = n => view().terms.get(n.id).filter(e => view().turn.get(e.to) <= state.step);
const isWhole = n => n.reached && (isRoot(n) ? isBackward() : arrived(n).length === view().terms.get(n.id).length && isBackward());

function total(come) {  // of the parts that have arrived: a number, or an array in brief
  if (come.every(e => isNumber(e.c))) return shown(come.reduce((s, e) => s + e.c, 0));
  return come[come.length - 1].total || "…";
}

function running(n) {  // the gradient so far, as its box says it
  const terms = view().terms.get(n.id), come = arrived(n);
  if (data.stop || !isBackward()) return "";
  if (!n.reached) return "not reached";
  if (isWhole(n)) return `grad ${n.gradient}`;
  if (!come.length) return "grad …";
  const short = total(come).split(", norm")[0].replace(/^\([^)]*\) /, "");  // the box has the shape above
  return `grad ${short} (${come.length}/${terms.length})`;
}
