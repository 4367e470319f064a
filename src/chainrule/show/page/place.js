// Where the boxes of a graph go, in layers: by the longest way to the result, ordered so that few arrows cross.
// Boxes are { w, h }, arrows [from, to]; `along` and `across` are measured in the direction of the flow.
const ALONG = 74, ACROSS = 26, SWEEPS = 24;

function placed(boxes, arrows, down) {
  const size = b => down ? [b.h, b.w] : [b.w, b.h];
  const out = boxes.map(() => []), rank = new Array(boxes.length).fill(0);
  arrows.forEach(([a, b]) => out[a].push(b));
  for (let k = boxes.length - 1; k >= 0; k--) for (const b of out[k]) rank[k] = Math.max(rank[k], rank[b] + 1);
  const last = Math.max(...rank), layers = Array.from({ length: last + 1 }, () => []);
  const items = boxes.map((b, k) => ({ layer: last - rank[k], wide: size(b)[1], long: size(b)[0], near: [[], []], at: 0 }));
  const ways = arrows.map(([a, b]) => {  // through a waypoint in every layer between
    const way = [a];
    for (let l = items[a].layer + 1; l < items[b].layer; l++)
      way.push(items.push({ layer: l, wide: 8, long: 0, near: [[], []], at: 0, passes: true }) - 1);
    way.push(b);
    for (let i = 1; i < way.length; i++) { items[way[i]].near[0].push(way[i - 1]); items[way[i - 1]].near[1].push(way[i]); }
    return way;
  });

  const seen = new Set(), visit = id => {  // the order of reading: operands as they are written
    if (seen.has(id)) return;
    seen.add(id);
    for (const before of items[id].near[0]) visit(before);
    layers[items[id].layer].push(id);
  };
  items.forEach((_, id) => { if (!items[id].near[1].length) visit(id); });
  items.forEach((_, id) => visit(id));

  const spaced = layer => {  // as near to where they are wanted as their order allows
    let edge = -Infinity;
    const to = layer.map(id => { const i = items[id], at = Math.max(i.want, edge + i.wide / 2); edge = at + i.wide / 2 + ACROSS; return at; });
    const shift = layer.reduce((s, id, k) => s + items[id].want - to[k], 0) / layer.length;
    layer.forEach((id, k) => { items[id].at = to[k] + shift; });
  };
  for (const layer of layers) { layer.forEach(id => { items[id].want = 0; }); spaced(layer); }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const forward = sweep % 2 === 0, order = forward ? layers : [...layers].reverse();
    for (const layer of order) {
      for (const id of layer) {
        const i = items[id], near = sweep < SWEEPS / 2 ? i.near[forward ? 0 : 1] : [...i.near[0], ...i.near[1]];
        i.want = near.length ? near.reduce((s, k) => s + items[k].at, 0) / near.length : i.at;
      }
      if (sweep < SWEEPS / 2) layer.sort((a, b) => items[a].want - items[b].want);
      spaced(layer);
    }
  }

  let start = 0;
  const from = layers.map(layer => {
    const long = Math.max(0, ...layer.map(id => items[id].long)), at = [start, start + long];
    start += long + (down ? ALONG * 0.7 : ALONG);
    return at;
  });
  const least = Math.min(...items.map(i => i.at - i.wide / 2)), point = (along, across) => down ? [across - least, along] : [along, across - least];
  const middle = id => (from[items[id].layer][0] + from[items[id].layer][1]) / 2;
  const port = (id, list, mine) => items[id].at + (list.indexOf(mine) - (list.length - 1) / 2) * Math.min(12, items[id].wide / (list.length + 1));
  const entering = boxes.map((_, k) => ways.filter(w => w.at(-1) === k).sort((a, b) => items[a.at(-2)].at - items[b.at(-2)].at));
  const curves = ways.map(way => {
    const [a, b] = [way[0], way.at(-1)], [low, high] = [middle(a) + items[a].long / 2, middle(b) - items[b].long / 2];
    const points = [[low, items[a].at]];
    for (const id of way.slice(1, -1)) for (const along of from[items[id].layer]) points.push([along, items[id].at]);
    points.push([high, port(b, entering[b], way)]);
    const curve = [points[0]];
    for (let i = 1; i < points.length; i++) {
      const [p, q] = [points[i - 1], points[i]], half = (p[0] + q[0]) / 2;
      curve.push([half, p[1]], [half, q[1]], q);
    }
    return curve.map(([x, y]) => point(x, y));
  });
  const labels = curves.map(c => { const [p, q] = [c.at(-4), c.at(-1)]; return [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2 - (down ? 0 : 4)]; });
  return { at: boxes.map((_, k) => point(middle(k), items[k].at)), curves, labels };
}
