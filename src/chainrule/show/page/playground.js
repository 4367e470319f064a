// An expression as the explorer's data: boxes, arrows, the picture. Values and derivatives come from the RULES.
const told = JSON.parse($("data").textContent), ROWS = new Map(told.rows.flatMap(r => r.names.map(name => [name, r])));
const LONG = 7.85, TALL = 17, EDGE = 9, ROOM = 19, AROUND = 22;
const tidy = text => text.replace(/[&<>"]/g, c => `&#${c.charCodeAt(0)};`);
const raised = text => /^\d+$/.test(text) ? [...text].map(c => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]).join("") : `^${text.startsWith("-") ? `(${text})` : text}`;
const filled = (template, words) => template.replace(/[\ue000-\ue007]/g, c => words[c.charCodeAt(0) - 0xe000]);

function graphOf({ nodes, root }) {
  const inputs = nodes.flatMap((n, id) => n.kind === "input" ? [[id, n.label]] : []);
  let next = 2;  // what an input is at first where it has not been said: 2, 3, 4, ...
  return { inputs, root, asked: [], nodes: nodes.map(n => n.kind === "op"
    ? [n.row.rule, ...n.args, ...(n.exponent === undefined ? [] : [[n.exponent]])]
    : [-1, n.kind === "input" && n.value === null ? next++ : n.value]) };
}

function boxesOf({ nodes, root }, computed) {
  const uses = nodes.map((_, id) => nodes.reduce((s, n) => s + n.args.filter(a => a === id).length, 0));
  return nodes.map((n, id) => {
    const { x, g } = computed[id], op = n.kind === "op";
    const name = !op ? n.label || shown(x) : n.exponent === undefined ? n.row.symbol : `**${shown(n.exponent)}`;
    return { id, kind: id === root ? "output" : n.kind, name, label: n.label, op: op ? n.row.name : "",
      title: op && n.label ? `${n.label} = ${name}` : name, text: shown(x), g, count: 1, members: [id], cells: null, gradientCells: null,
      detail: "", gradientDetail: "", gradient: shown(g), reached: n.kind !== "constant", held: "", where: "", at: "", source: "",
      lit: false, uses: uses[id], formula: op ? formula(n, nodes, computed) : "" };
  });
}

function formula(n, nodes, computed) {
  const words = n.args.map(a => nodes[a].label || shown(computed[a].x));
  if (n.exponent !== undefined) words.push(shown(n.exponent));
  const inside = words.map(w => w.startsWith("-") ? `(${w})` : w);
  let k = 0;
  return n.row.printed ? n.row.printed.replace(/\{(\d*)\}/g, (_, i) => inside[i === "" ? k++ : Number(i)]) : `${n.row.name}(${words.join(", ")})`;
}

function arrowsOf({ nodes }, computed) {
  return nodes.flatMap((n, id) => n.args.map((a, i) => {
    const free = "uvw", letters = n.args.map((b, j) => nodes[b].label || (nodes[b].kind === "constant" ? shown(computed[b].x) : free[n.args.indexOf(b)] ?? free[j]));
    const still = nodes[a].kind === "constant";
    return { from: a, to: id, d: null, c: null, partial: "", total: "", n: 1, weight: "", sent: "", rule: still ? "" : local(n, i, letters) };
  }));
}

function local(n, i, letters) {  // d tanh(n) / dn = 1 / cosh(n)²
  const words = letters.map(w => w.startsWith("-") ? `(${w})` : w);
  let [whole, slope] = [n.row.whole, n.row.slopes[i]];
  if (n.exponent !== undefined) {
    const b = shown(n.exponent), less = shown(n.exponent - 1), x = words[0];
    [whole, slope] = [`(${x}${raised(b)})`, n.exponent === 0 ? "0" : n.exponent === 1 ? "1" : `${b} · ${x}${less === "1" ? "" : raised(less)}`];
  }
  if (!slope) return "";
  const twice = n.args.filter(a => a === n.args[i]).length > 1 ? ", for one of its uses here" : "", name = letters[i];
  return `d ${filled(whole, words)} / d${name.length > 1 ? " " : ""}${name} = ${filled(slope, words)}${twice}`;
}

// -- the picture ------------------------------------------------------------------------------------------------

const measured = n => n.kind === "constant" ? { w: LONG * n.title.length + 8, h: TALL + 4 }
  : { w: Math.max(46, LONG * Math.max(ROOM, n.title.length) + 2 * EDGE), h: 3 * TALL + 2 * EDGE - 4 };
const f1 = x => x.toFixed(1);

function pictured(nodes, edges, where) {
  const arrows = edges.map((e, k) => {
    const c = where.curves[k], [bx, by] = c.at(-2), [tx, ty] = c.at(-1), long = Math.hypot(tx - bx, ty - by) || 1;
    const [ux, uy] = [(tx - bx) / long, (ty - by) / long], foot = [tx - 9 * ux, ty - 9 * uy];
    const corners = [[tx, ty], [foot[0] - 4.5 * uy, foot[1] + 4.5 * ux], [foot[0] + 4.5 * uy, foot[1] - 4.5 * ux]];
    const line = ps => ps.map(p => p.map(f1).join(" "));
    return `<path class="arrow" stroke-width="1.4" d="M${line(c.slice(0, 1))}C${line([...c.slice(1, -1), foot]).join(" ")}"/>`
      + `<path class="head" d="M${line(corners).join("L")}Z"/>`;
  });
  const boxes = nodes.map((n, k) => {
    const [x, y] = where.at[k], { w, h } = measured(n), [left, top] = [x - w / 2, y - h / 2];
    const frame = `x="${f1(left)}" y="${f1(top)}" width="${f1(w)}" height="${f1(h)}" rx="${n.kind === "input" ? 12 : 3}"`;
    const text = (kind, said, at) => `<text class="${kind}" x="${f1(x)}" y="${f1(at)}" text-anchor="middle">${tidy(said)}</text>`;
    const body = n.kind === "constant" ? text("name", n.title, y + 4.5)
      : `<rect fill="url(#figure-full-svg-hatch)" style="visibility: hidden" ${frame}/>`
        + [["name", n.title], ["value", n.text], ["gradient", ""]].map(([kind, said], i) => text(kind, said, top + EDGE + 10 + TALL * i)).join("")
        + (n.uses > 1 ? `<text class="badge" x="${f1(left + w)}" y="${f1(top - 6)}" text-anchor="end">${n.uses} uses</text>` : "");
    const outer = n.kind === "output" ? `<rect class="outer" x="${f1(left - 3.5)}" y="${f1(top - 3.5)}" width="${f1(w + 7)}" height="${f1(h + 7)}" rx="6"/>` : "";
    return `<g class="node ${n.kind}" data-n="${n.id}"><title></title>${outer}<rect class="box" ${frame}/>${body}</g>`;
  });
  const labels = edges.map((e, k) => nodes[e.from].kind === "constant" ? ""
    : `<text class="partial" data-e="${k}" x="${f1(where.labels[k][0])}" y="${f1(where.labels[k][1] + 4)}" text-anchor="middle"><title></title> </text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" id="figure-full-svg" role="img" aria-label="the graph of the expression"><style>${told.style}</style>`
    + '<defs><pattern id="figure-full-svg-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    + '<path class="hatch" d="M0 0V7M0 0H7"/></pattern></defs>'
    + `<g transform="translate(${AROUND} ${AROUND})">${[...arrows, ...boxes, ...labels].join("")}</g></svg>`;
}

function dotOf(nodes, edges) {
  const quoted = text => JSON.stringify(text);
  return `digraph {\n  rankdir=LR; node [shape=box];\n${nodes.map(n => `  n${n.id} [label=${quoted(`${n.title}\n${n.text}\ngrad ${n.gradient}`)}];\n`).join("")}${
    edges.map(e => `  n${e.from} -> n${e.to};\n`).join("")}}`;
}

function explored(text) {  // the data of the page for an expression
  const read = readExpression(text, ROWS), graph = graphOf(read), { nodes: computed, compute } = engine(graph);
  compute({});
  const nodes = boxesOf(read, computed), edges = arrowsOf(read, computed), pairs = edges.map(e => [e.from, e.to]);
  const sizes = nodes.map(measured), view = { root: read.root, dot: dotOf(nodes, edges), nodes, edges, down: placed(sizes, pairs, true) };
  $("figure-full").innerHTML = pictured(nodes, edges, placed(sizes, pairs, false));
  return { graph, stop: "", blank: true, views: { full: view } };
}

// -- the line to type into --------------------------------------------------------------------------------------

function typed(text, recalled = false) {
  const line = $("expression"), note = $("unreadable");
  line.classList.remove("wrong");
  note.hidden = true;
  try {
    const found = explored(text);
    state.expression = text;
    begin(found, recalled);
    $("facts").textContent = `${found.graph.inputs.length} input${found.graph.inputs.length === 1 ? "" : "s"}, ${found.views.full.nodes.filter(n => n.op).length} operations`;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    line.classList.add("wrong");
    note.hidden = false;
    note.textContent = `${error.message}\n${text.replace(/\n/g, " ")}\n${" ".repeat(error.at)}^`;
  }
}

function listen() {
  const line = $("expression"), pick = $("examples");
  const asked = new URLSearchParams(location.hash.slice(1)).get("f");
  for (const [name, text] of told.examples) pick.append(element("option", { textContent: name, value: text }));
  line.value = asked ?? told.examples[0][1];
  line.addEventListener("keydown", e => { if (e.key === "Enter" && !e.shiftKey) { e.preventDefault(); typed(line.value); } });
  $("read").onclick = () => typed(line.value);
  pick.onchange = () => { if (pick.value) { line.value = pick.value; typed(line.value); } pick.value = ""; };
  $("functions").textContent = told.rows.filter(r => /^\w+$/.test(r.symbol)).map(r => r.names[0]).join(", ");
  addEventListener("hashchange", () => {
    const text = new URLSearchParams(location.hash.slice(1)).get("f");
    if (text !== null && text !== state.expression) { line.value = text; typed(text, true); }
  });
  typed(line.value, true);
  if (!data) typed(told.examples[0][1]);
}

once();
listen();
