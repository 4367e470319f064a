// A recording of plain numbers, computed again for other inputs: values forward, chain-rule sums backward.
// Nodes are [index of the operator, ...operands], inputs and constants [-1, number]; an operand is the index of a
// node, or [number] where the operator has it fixed.
const engine = graph => {
  const nodes = graph.nodes.map(([op, ...rest]) => op < 0
    ? { x: parse(rest[0]), g: 0, recorded: parse(rest[0]), args: [] }
    : { op: graph.ops[op], x: NaN, g: 0, args: rest.map(a => Array.isArray(a) ? { fixed: parse(a[0]) } : a) });
  const value = a => typeof a === "number" ? nodes[a].x : a.fixed;

  function compute(inputs) {
    for (const [id] of graph.inputs) nodes[id].x = inputs[id] ?? nodes[id].recorded;
    for (const n of nodes) {
      if (n.op) n.x = RULES[n.op][0](...n.args.map(value));
      n.g = 0;
    }
    nodes[graph.root].g = 1;
    for (const n of [...nodes].reverse()) {
      if (!n.op) continue;
      const partials = RULES[n.op].slice(1), values = n.args.map(value);
      n.d = n.args.map((a, i) => partials[i] ? partials[i](n.x, ...values) : 0);
      n.c = n.d.map(d => n.g === 0 ? 0 : n.g * d);  // a strong zero: what is not used sends nothing
      n.args.forEach((a, i) => { if (typeof a === "number") nodes[a].g += n.c[i]; });
    }
  }

  return { nodes, inputs: graph.inputs, compute, odd: graph.ops.find(op => !RULES[op]) };
};
