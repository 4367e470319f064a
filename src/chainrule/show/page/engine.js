// A recording of plain numbers, computed again for other inputs. What an operator's value is, and what it sends back
// when a gradient arrives, say the RULES that Python has printed from the operator's row; here they are put in order.
// Nodes are [rule, ...operands], inputs and constants [-1, number]; an operand is the index of a node, or [number]
// where the operator has it fixed.
const engine = graph => {
  const nodes = graph.nodes.map(([rule, ...rest]) => rule < 0
    ? { x: parse(rest[0]), g: 0, recorded: parse(rest[0]), args: [] }
    : { rule: RULES[rule], x: NaN, g: 0, args: rest.map(a => Array.isArray(a) ? { fixed: parse(a[0]) } : a) });
  const value = a => typeof a === "number" ? nodes[a].x : a.fixed;

  function compute(inputs) {
    for (const [id] of graph.inputs) nodes[id].x = inputs[id] ?? nodes[id].recorded;
    for (const n of nodes) {
      if (n.rule) n.x = n.rule.value(...n.args.map(value));
      n.g = null;
    }
    nodes[graph.root].g = 1;
    for (const n of [...nodes].reverse()) {
      if (!n.rule) continue;
      const values = n.args.map(value);
      n.d = n.rule.partials(n.x, ...values);
      n.c = n.g === null ? n.d.map(() => 0) : n.rule.sends(n.g, n.x, ...values);
      if (n.rule.chooses) n.c = n.c.map((c, i) => n.d[i] === 0 ? 0 : c);
      if (n.g !== null) n.args.forEach((a, i) => {
        if (typeof a !== "number" || (n.rule.chooses && n.d[i] === 0)) return;  // nothing arrives at what was not chosen
        nodes[a].g = nodes[a].g === null ? n.c[i] : nodes[a].g + n.c[i];
      });
    }
    for (const n of nodes) n.g ??= 0;
  }

  const compare = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b,
    "==": (a, b) => a === b, "!=": (a, b) => a !== b };
  const side = x => Array.isArray(x) ? parse(x[0]) : nodes[x].x;

  // The comparisons that turn out differently from when the function was recorded: it would take another branch.
  const turned = () => graph.asked.filter(([a, sign, b, answer]) => compare[sign](side(a), side(b)) !== answer);

  return { nodes, inputs: graph.inputs, compute, turned };
};
