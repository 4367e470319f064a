// What a person types, read as Python reads it: an expression, or a few lines of `name = expression` before one.
// Gives the graph: nodes { name, kind, row, args, value, label }, in the order in which Python would compute them.
class Unreadable extends Error {
  constructor(message, at) { super(message); this.at = at; }
}

const NUMBERS = { pi: Math.PI, tau: 2 * Math.PI, inf: Infinity, nan: NaN };
const BINARY = { "+": ["add", 1], "-": ["subtract", 1], "*": ["multiply", 2], "/": ["divide", 2], "//": ["floor_divide", 2],
  "%": ["remainder", 2], "**": ["power", 4] };
const MOST_NODES = 400;

function tokens(text) {
  const found = [], shape = /\s*(?:#[^\n;]*|([\d.][\d._]*(?:[eE][+-]?\d+)?)|((?:(?:math|np|numpy|cr|self)\.)?[A-Za-z_α-ωΑ-Ω][\wα-ωΑ-Ω]*)|(\*\*|\/\/|[-+*/%(),=;\n^−×·]))/y;
  text = text.replace(/\r/g, "");
  while (shape.lastIndex < text.length) {
    const at = shape.lastIndex, rest = text.slice(at);
    if (/^[^\S\n]+$/.test(rest) || !rest.trim()) break;
    const line = /^[^\S\n]*\n/.exec(rest);
    if (line) { found.push({ sign: "\n", at }); shape.lastIndex = at + line[0].length; continue; }
    const m = shape.exec(text);
    if (!m) {
      const where = at + rest.search(/\S/);
      throw new Unreadable(`${JSON.stringify(text[where])} is nothing that is written in an expression`, where);
    }
    const where = at + m[0].search(/\S/);
    if (m[1] !== undefined) found.push({ number: m[1], at: where });
    else if (m[2] !== undefined) found.push({ name: m[2].replace(/^(math|np|numpy|cr|self)\./, ""), prefix: m[2].includes("."), at: where });
    else if (m[3] !== undefined) found.push({ sign: { "−": "-", "×": "*", "·": "*", "^": "**" }[m[3]] ?? m[3], typed: m[3], at: where });
  }
  return [...found, { sign: "", at: text.length }];
}

function readExpression(text, rows) {
  const all = tokens(text), nodes = [], named = new Map();
  let k = 0;
  const said = t => t.sign === "" ? "the end" : t.sign === "\n" ? "the end of the line" : JSON.stringify(t.number ?? t.name ?? t.typed ?? t.sign);
  const wrong = (expected, t = all[k]) => { throw new Unreadable(`expected ${expected}, got ${said(t)}`, t.at); };
  const take = sign => { if (all[k].sign !== sign) wrong(`"${sign}"`); return all[k++]; };
  const ends = () => [";", "\n", ""].includes(all[k].sign);

  function add(node, at) {
    if (nodes.length >= MOST_NODES) throw new Unreadable(`more than ${MOST_NODES} operations are no picture to look at`, at);
    return nodes.push({ label: "", args: [], ...node }) - 1;
  }
  const constant = (x, at) => add({ kind: "constant", value: x }, at);
  const isConstant = id => nodes[id].kind === "constant";

  function apply(name, args, at) {
    const row = rows.get(name);
    if (args.every(isConstant)) {  // as Python's compiler folds it
      const x = RULES[row.rule].value(...args.map(id => nodes[id].value));
      if (args.every((id, i) => id === nodes.length - args.length + i)) nodes.length -= args.length;
      return constant(x, at);
    }
    if (name === "power" && isConstant(args[1])) {
      const exponent = nodes[args[1]].value;
      if (args[1] === nodes.length - 1) nodes.pop();
      return add({ kind: "op", row, args: [args[0]], exponent }, at);
    }
    return add({ kind: "op", row, args }, at);
  }

  function sum(least) {
    let left = unary();
    for (;;) {
      const found = BINARY[all[k].sign];
      if (!found || found[1] < least || found[1] === 4) return left;
      const { at } = all[k++];
      left = apply(found[0], [left, sum(found[1] + 1)], at);
    }
  }

  function unary() {
    const { sign, at } = all[k];
    if (sign === "+") { k++; return unary(); }
    if (sign === "-") { k++; return apply("negative", [unary()], at); }
    return power();
  }

  function power() {
    const base = atom();
    if (all[k].sign !== "**") return base;
    const { at } = all[k++];
    return apply("power", [base, unary()], at);
  }

  function atom() {
    const t = all[k++];
    if (t.number !== undefined) {
      const x = Number(t.number.replace(/(\d)_(?=\d)/g, "$1"));
      if (Number.isNaN(x)) { k--; wrong("a number"); }
      return constant(x, t.at);
    }
    if (t.sign === "(") {
      const inside = sum(0);
      take(")");
      return inside;
    }
    if (t.name === undefined) { k--; wrong("a number, a name or a bracket"); }
    if (all[k].sign === "(") return call(t);
    if (named.has(t.name) && !t.prefix) return named.get(t.name);
    if (t.name in NUMBERS) return constant(NUMBERS[t.name], t.at);
    if (t.name === "e" && t.prefix) return constant(Math.E, t.at);
    if (t.prefix || rows.has(t.name)) throw new Unreadable(`${t.name} is a function: write ${t.name}(...)`, t.at);
    named.set(t.name, add({ kind: "input", label: t.name, value: null }, t.at));
    return named.get(t.name);
  }

  function call(t) {
    const row = rows.get(t.name), args = [];
    if (!row) throw new Unreadable(`there is no function ${t.name} here; there are ${nearest(t.name, [...rows.keys()]).join(", ")}`, t.at);
    take("(");
    while (all[k].sign !== ")") {
      args.push(sum(0));
      if (all[k].sign !== ")") take(",");
    }
    k++;
    if (args.length !== row.count)
      throw new Unreadable(`${t.name} takes ${row.count} number${row.count > 1 ? "s" : ""}, got ${args.length}`, t.at);
    return apply(row.name, args, t.at);
  }

  let root = null;
  while (all[k].sign !== "") {
    if ([";", "\n"].includes(all[k].sign)) { k++; continue; }
    const target = all[k].name !== undefined && all[k + 1].sign === "=" ? all[k] : null, from = nodes.length;
    if (target) k += 2;
    root = sum(0);
    if (!ends()) wrong(all[k].sign === "=" ? "one name before \"=\"" : "an operator or the end");
    if (!target) continue;
    if (target.name in NUMBERS) throw new Unreadable(`${target.name} is a number already`, target.at);
    if (isConstant(root) && root === from) nodes[root] = { ...nodes[root], kind: "input", label: target.name };
    else if (nodes[root].kind === "op" && !nodes[root].label) nodes[root].label = target.name;
    named.set(target.name, root);
  }
  if (root === null) wrong("an expression");
  if (isConstant(root)) throw new Unreadable("there is no name in it: a gradient is by something, write x for a number", 0);
  return { nodes, root };
}

function nearest(name, names) {  // those with the most in common, the shortest first
  const pairs = w => new Set([...w].map((c, i) => c + (w[i + 1] ?? "")));
  const mine = pairs(name.toLowerCase()), share = w => [...pairs(w)].filter(p => mine.has(p)).length / Math.max(w.length, name.length);
  return names.sort((a, b) => share(b) - share(a) || a.length - b.length).slice(0, 4);
}
