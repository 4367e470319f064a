// The inputs, to be moved; everything is computed again in the page.
const MOST_INPUTS = 60;

function sliders() {
  const box = $("inputs");
  box.replaceChildren(element("h2", { textContent: "Inputs" }));
  if (cannot) return box.append(element("p", { className: "soft", textContent: cannot }));
  for (const [id, title] of machine.inputs.slice(0, MOST_INPUTS)) box.append(slider(id, title));
  const more = machine.inputs.length - MOST_INPUTS;
  if (more > 0) box.append(element("p", { className: "soft", textContent: `${more} more inputs stay as they are.` }));
  box.append(data.blank ? "" : element("p", { className: "soft", textContent: "Recomputed in the page along the branches that were taken when recording." }),
    element("div", { className: "controls" },
      element("button", { id: "downhill", textContent: "step downhill", title: "Every input moves a little against its gradient", onclick: () => stride(-1) }),
      element("button", { id: "uphill", textContent: "uphill", title: "Every input moves a little along its gradient", onclick: () => stride(1) }),
      element("label", {}, "by ", element("select", { id: "rate" }, ...[0.001, 0.01, 0.1, 1].map(r => element("option", { textContent: r, selected: r === 0.01 })))),
      element("button", { id: "reset", textContent: data.blank ? "as typed" : "as recorded", onclick: restore })),
    element("div", { id: "history" }));
  box.firstChild.after(element("p", { id: "branches", className: "warning", hidden: true }));
  branches();
}

function slider(id, title) {
  const middle = machine.nodes[id].recorded, reach = Number.isFinite(middle) ? Math.max(1, 2 * Math.abs(middle)) : 1, x = state.inputs[id] ?? middle;
  const range = element("input", { type: "range", min: middle - reach, max: middle + reach, step: reach / 200, value: x, className: "coarse" });
  const exact = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false, value: String(x), id: `input-${id}`, className: "exact" });
  range.setAttribute("aria-label", `${title}, coarse`);
  exact.setAttribute("aria-label", title);
  range.addEventListener("input", () => { exact.value = range.value; moved(Number(range.value)); });
  exact.addEventListener("input", () => {
    const x = read(exact.value);
    exact.classList.toggle("wrong", x === null);
    exact.title = x === null ? "expected a number, such as 0.5, -1e3, inf or nan" : "";
    if (x !== null) { range.value = x; moved(x); }
  });
  const moved = x => { state.inputs[id] = x; losses.length = 0; renewed(); };
  return element("div", { className: "input" }, element("label", { className: "mono", htmlFor: exact.id, textContent: title }), range, exact);
}

function read(text) {  // a number as a person types it; null for what is none
  const t = text.trim().toLowerCase().replace("−", "-").replace(",", ".");
  const words = { nan: NaN, inf: Infinity, "+inf": Infinity, "-inf": -Infinity };
  if (t in words) return words[t];
  return t === "" || Number.isNaN(Number(t)) ? null : Number(t);
}

function branches() {  // what the function itself would do differently: the page follows the recorded branches
  const turned = Object.keys(state.inputs).length ? machine.turned() : [], all = data.views.full ?? view();
  const name = x => Array.isArray(x) ? shown(parse(x[0])) : all.nodes.find(n => n.members.includes(x))?.title ?? "a value";
  $("branches").hidden = !turned.length;
  if (!turned.length) return;
  const [[a, sign, b, answer]] = turned, more = turned.length > 1 ? `, and ${turned.length - 1} more` : "";
  $("branches").textContent = `Here ${name(a)} ${sign} ${name(b)} is ${answer ? "no longer true" : "true now"}${more}: the function `
    + "itself would take another branch. What is shown is the branch that was recorded.";
}

function renewed() {
  for (const guessed of Object.keys(guesses)) delete guesses[guessed];
  recompute();
  branches();
  show();
}

function restore() {
  state.inputs = {};
  losses.length = 0;
  recompute();
  sliders();
  show();
}

// -- downhill ---------------------------------------------------------------------------------------------------

const losses = [];

function stride(sign) {
  if (!losses.length) machine.compute(state.inputs);
  const result = () => machine.nodes[data.graph.root].x, rate = Number($("rate").value);
  if (!losses.length) losses.push(result());
  for (const [id] of machine.inputs) state.inputs[id] = machine.nodes[id].x + sign * rate * machine.nodes[id].g;
  machine.compute(state.inputs);
  losses.push(result());
  const kept = $("rate").value;
  sliders();
  $("rate").value = kept;
  renewed();
  line();
}

function line() {  // how the result has gone, step by step
  const finite = losses.filter(Number.isFinite), low = Math.min(...finite), high = Math.max(...finite), w = 300, h = 60;
  const at = losses.map((y, k) => [4 + k * (w - 8) / Math.max(1, losses.length - 1), 4 + (h - 8) * (high > low ? (high - y) / (high - low) : 0.5)]);
  const points = at.filter(([, y]) => Number.isFinite(y)).map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  $("history").innerHTML = `<svg viewBox="0 0 ${w} ${h}" role="img" aria-label="the result after each step"><polyline points="${points}"/></svg>`;
  $("history").append(element("p", { className: "soft", textContent:
    `${losses.length - 1} step${losses.length > 2 ? "s" : ""}: the result went from ${shown(losses[0])} to ${shown(losses.at(-1))}` }));
}
