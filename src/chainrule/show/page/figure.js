// The state of the walk drawn into the picture: values that are there, arrows that are sending.
// What is there already is left alone: a step changes a few boxes of hundreds, and to ask the others takes as long.
const unchanged = (part, shown) => {
  const same = part.shown?.every((x, k) => x === shown[k]);
  part.shown = shown;
  return same;
};
const put = (part, text) => { if (part.textContent !== text) part.textContent = text; };
const give = (part, name, value) => { if (part.getAttribute(name) !== String(value)) part.setAttribute(name, value); };
const mark = (part, name, on) => { if (part.classList.contains(name) !== Boolean(on)) part.classList.toggle(name); };
const reveals = (part, on) => { const v = on ? "" : "hidden"; if (part.style.visibility !== v) part.style.visibility = v; };

function squeeze(part, box) {  // a sum that is still growing may be longer than the number its box was made for
  const room = Number(box.getAttribute("width")) - 8, long = 7.85 * part.textContent.length > room;
  if (!long && !part.hasAttribute("textLength")) return;
  for (const [name, value] of [["textLength", room], ["lengthAdjust", "spacingAndGlyphs"]])
    if (long) give(part, name, value); else part.removeAttribute(name);
}

const predicted = n => {
  const guess = guesses[n.id];
  return guess === undefined ? "grad ?" : `${guess.right ? "✓" : "✗"} ${shown(guess.x)}`;
};

function drawBoxes() {
  const v = view(), [, current] = now();
  for (const [name, other] of Object.entries(data.views)) other.figure.hidden = name !== state.view;
  for (const n of v.forward) {
    const g = v.boxes.get(n.id), made = isMade(n), gradient = state.predict ? predicted(n) : running(n);
    if (!g) continue;
    const guess = state.predict && guesses[n.id];
    const bad = made && /NaN|inf/.test(n.text) || !state.predict && /NaN|inf/.test(gradient);
    if (unchanged(n, [made && n.text, gradient, n === current, n.id === state.chosen, bad, guess?.right, !state.predict && isWhole(n)])) continue;
    const { values, last, box, title, hatches } = n.parts;
    put(values[0], made ? marked(n.text) : "");
    for (const bars of values.slice(1)) reveals(bars, made);
    mark(values[0], "wrong", made && /NaN|inf/.test(n.text));
    put(last, marked(gradient));
    squeeze(last, box);
    give(last, "class", gradient.startsWith("grad") || /[✓✗]/.test(gradient) ? "gradient" : "none");
    put(title, [n.where && `${n.where}  ${n.source}`, made && `${n.title}: ${n.text}`,
      !state.predict && isWhole(n) && `grad ${n.gradient}`].filter(Boolean).join("\n"));
    const classes = { waiting: !made, now: n === current, chosen: n.id === state.chosen, bad, said: guess?.right === true, missed: guess?.right === false };
    for (const [name, on] of Object.entries(classes)) mark(g, name, on);
    for (const hatch of hatches) reveals(hatch, bad);
    give(g, "aria-label", `${n.title}, value ${made ? n.text : "not computed yet"}, ${gradient || "gradient not there yet"}`);
  }
}

function drawArrows() {
  const v = view(), [phase, current] = now();
  v.edges.forEach(e => {
    const back = !data.stop && v.turn.get(e.to) <= state.step, sending = e.to === current.id && (phase === "forward" || !e.constant);
    if (unchanged(e, [back, sending && phase, back && e.wide, e.bad, e.partial, e.sent, state.predict])) return;
    give(e.arrow, "stroke-width", back && !e.constant && !state.predict ? e.wide : 1.4);
    for (const part of [e.arrow, e.head]) {
      mark(part, "sending", sending);
      mark(part, "back", sending && phase === "backward");
      mark(part, "bad", back && e.bad);
    }
    if (!e.label) return;
    const said = back && !state.predict;
    reveals(e.label, said || !e.partial);
    put(e.label.lastChild, marked(e.partial));
    mark(e.label, "wrong", /NaN|inf/.test(e.partial));
    put(e.label.firstChild, said ? `local derivative ${e.partial}${e.sent ? `, sends back ${e.sent}` : ""}` : "");
  });
}

// -- left to right, or from the top down -------------------------------------------------------------------------

function collect(v) {  // the parts of the picture, and where the drawing has put them
  const parts = s => [...v.figure.querySelectorAll(s)], arrows = parts(".arrow"), heads = parts(".head");
  const labels = new Map(parts("[data-e]").map(t => [Number(t.dataset.e), t]));
  v.edges.forEach((e, k) => {
    Object.assign(e, { arrow: arrows[k], head: heads[k], label: labels.get(k), wide: Number(arrows[k].getAttribute("stroke-width")) });
    e.bad = e.bad || arrows[k].classList.contains("bad");
    e.drawn = [e.arrow.getAttribute("d"), e.head.getAttribute("d"), e.label && [e.label.getAttribute("x"), e.label.getAttribute("y")]];
  });
  for (const n of v.nodes) {
    const g = v.boxes.get(n.id), all = s => [...g?.querySelectorAll(s) ?? []];
    n.parts = { values: all(".value"), last: all("text.gradient, text.none")[0], box: all(".box")[0], title: all("title")[0], hatches: all("rect[fill^=url]") };
  }
  v.frame = v.figure.querySelector("svg > g");
}

const point = ([x, y]) => `${x} ${y}`;

function lay(v) {
  const d = state.down ? v.down : null;
  v.extent = null;
  v.nodes.forEach((n, k) => {
    const g = v.boxes.get(n.id), box = g?.querySelector(".box");
    if (!box) return;
    const at = name => Number(box.getAttribute(name));
    if (d) g.setAttribute("transform", `translate(${d.at[k][0] - at("x") - at("width") / 2} ${d.at[k][1] - at("y") - at("height") / 2})`);
    else g.removeAttribute("transform");
  });
  v.edges.forEach((e, k) => {
    if (!d) {
      e.arrow.setAttribute("d", e.drawn[0]);
      e.head.setAttribute("d", e.drawn[1]);
      if (e.label) { e.label.setAttribute("x", e.drawn[2][0]); e.label.setAttribute("y", e.drawn[2][1]); }
      return;
    }
    const curve = d.curves[k], [bx, by] = curve.at(-2), [tx, ty] = curve.at(-1), length = Math.hypot(tx - bx, ty - by) || 1;
    const [ux, uy] = [(tx - bx) / length, (ty - by) / length], foot = [tx - 9 * ux, ty - 9 * uy];
    e.arrow.setAttribute("d", `M${point(curve[0])}C${[...curve.slice(1, -1), foot].map(point).join(" ")}`);
    e.head.setAttribute("d", `M${[[tx, ty], [foot[0] - 4.5 * uy, foot[1] + 4.5 * ux], [foot[0] + 4.5 * uy, foot[1] - 4.5 * ux]].map(point).join("L")}Z`);
    if (e.label) { e.label.setAttribute("x", d.labels[k][0]); e.label.setAttribute("y", d.labels[k][1] + 4); }
  });
}
