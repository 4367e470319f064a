// The card of a box: what is known of it at the current step, and the sum that its gradient is.
function card() {
  const v = view(), n = v.by.get(state.chosen ?? now()[1].id), hide = state.predict, made = isMade(n), whole = isWhole(n);
  const gradient = hide ? "?" : !n.reached ? "none arrives" : whole ? n.gradient : arrived(n).length ? running(n).replace("grad ", "") : "comes on the way back";
  const rows = [["value", made ? n.text : "not computed yet"], ["", made ? n.detail : ""],
    ["gradient", data.stop ? "" : gradient], ["", !hide && whole ? n.gradientDetail : ""]];
  if (n.held) rows.push([".grad holds", hide || !whole ? "" : n.held]);
  if (n.where) rows.push(["line", `${n.where}  ${n.source}`]);
  if (n.count > 1) rows.push(["stands for", `${n.count} values`]);
  const list = element("dl");
  for (const [key, value] of rows.filter(([, value]) => value))
    list.append(element("dt", { textContent: key }), element("dd", { textContent: value }));
  const focused = document.activeElement?.id === "guess";
  const maps = element("div", { className: "maps" }, map("value", made && n.cells), map("gradient", !hide && whole && n.gradientCells));
  $("card").replaceChildren(element("h2", { textContent: n.title }), list, maps, hide ? question(n) : chain(n));
  if (focused) $("guess")?.focus();
}

function map(name, cells) {  // an array as coloured cells: orange above 0, blue below, strong where it is large
  if (!cells) return "";
  const size = text => Math.abs(Number(text)) || 0, most = Math.max(...cells.flat().map(size)) || 1;
  const grid = element("div", { className: "map" });
  grid.style.gridTemplateColumns = `repeat(${cells[0].length}, 1fr)`;
  cells.forEach((row, i) => row.forEach((text, k) => {
    const cell = element("span", { title: `[${cells.length > 1 ? `${i}, ` : ""}${k}] ${text}`, className: /NaN|inf/.test(text) ? "bad" : text.startsWith("-") ? "low" : "high" });
    cell.style.setProperty("--strong", `${Math.round(100 * size(text) / most)}%`);
    if (cells[0].length <= 5) cell.textContent = size(text) && Number.isFinite(Number(text)) ? String(Number(Number(text).toPrecision(2))) : text;
    grid.append(cell);
  }));
  const figure = element("figure", {}, element("figcaption", { textContent: name }), grid);
  if (cells[0].length <= 5) figure.style.flexBasis = `${54 * cells[0].length}px`;
  return figure;
}

function chain(n) {  // the sum over everything that uses n; what has not arrived has no numbers yet
  const v = view(), terms = v.terms.get(n.id), come = new Set(arrived(n)), list = element("ul", { className: "sum" });
  if (data.stop) return "";
  if (isRoot(n)) return element("p", { className: "soft", textContent: "The result: its gradient by itself is 1." });
  if (!terms.length) return element("p", { className: "soft", textContent: "No gradient arrives here." });
  for (const e of terms) {
    const to = v.by.get(e.to), there = come.has(e);
    list.append(element("li", { className: there ? "come" : "yet", textContent:
      there ? `through ${to.title}: ${term(e)}${e.sent ? ` = ${e.sent}` : ""}` : `(later) through ${to.title}` }));
  }
  if (come.size && come.size < terms.length)
    list.append(element("li", { className: "come", textContent: `so far: ${total([...come])}` }));
  if (isWhole(n)) list.append(element("li", { className: "total", textContent:
    n.count > 1 ? `their gradients: ${n.gradient}` : terms.length > 1 ? `sum of ${terms.length} terms: ${n.gradient}` : `gradient: ${n.gradient}` }));
  return element("div", {}, element("p", { className: "soft" }, "by the ", word("chain rule"), ":"), list);
}

function question(n) {
  if (!isNumber(n.g)) return element("p", { className: "soft", textContent: "Only single numbers are asked for." });
  const guess = guesses[n.id];
  const input = element("input", { id: "guess", type: "text", inputMode: "decimal", autocomplete: "off", value: guess ? String(guess.x) : "" });
  input.setAttribute("aria-label", `Your gradient of ${n.title}`);
  input.addEventListener("change", () => {
    const x = Number(input.value.trim().replace(",", "."));
    if (input.value.trim() === "" || Number.isNaN(x)) delete guesses[n.id];
    else guesses[n.id] = { x, right: Math.abs(x - n.g) <= 2e-3 * Math.abs(n.g) + 1e-12 };
    show();
  });
  const done = Object.values(guesses), right = done.filter(g => g.right).length;
  const off = guess && !guess.right && Number.isFinite(n.g) ? mistake(guess.x, n.g) : "";
  return element("div", {},
    element("div", { className: "guess" }, element("label", { htmlFor: "guess", textContent: "your gradient" }), input,
      element("span", { id: "mark", className: `mark ${guess ? (guess.right ? "right" : "wrong") : ""}`,
        textContent: guess ? (guess.right ? "✓ right" : "✗ not this") : "" })),
    off && element("p", { className: "soft", id: "mistake", textContent: off }),
    element("p", { className: "soft", textContent: `${done.length ? `${right} of ${done.length} right. ` : ""}Three digits are enough.` }));
}

function mistake(x, g) {  // how large it is, without the answer
  if (x === -g) return "The size is right, the sign is not.";
  if (g === 0) return "Too large.";
  const ratio = Math.abs(x / g);
  if (Math.sign(x) !== Math.sign(g) && x !== 0) return "The sign is not right, nor the size.";
  const far = ratio > 10 || ratio < 0.1 ? "more than ten times " : ratio > 2 || ratio < 0.5 ? "more than twice " : "";
  return ratio > 1 ? `It is ${far}too large.` : `It is ${far}too small.`;
}
