"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = id => document.getElementById(id);
  const state = { view: data.views.full ? "full" : "folded", step: 0, chosen: null, predict: false, inputs: {} };
  const guesses = {};
  let playing = null;

  // -- numbers ---------------------------------------------------------------------------------------------

  const parse = x => typeof x === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[x] : x;
  const isNumber = x => typeof x === "number";

  function shown(x) {  // four significant digits, as Python's %.4g
    if (Number.isNaN(x)) return "NaN";
    if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
    if (x === 0) return "0";
    const [digits, power] = x.toExponential(3).split("e"), e = Number(power);
    const short = text => text.includes(".") ? text.replace(/\.?0+$/, "") : text;
    if (e < -4 || e >= 4) return `${short(digits)}e${e < 0 ? "-" : "+"}${String(Math.abs(e)).padStart(2, "0")}`;
    return short(x.toFixed(3 - e));
  }

  const marked = text => /NaN|inf/.test(text) ? `⚠ ${text}` : text;

  // -- one view: the boxes, the arrows, the steps ----------------------------------------------------------

  function prepare(name) {
    const view = data.views[name];
    view.by = new Map(view.nodes.map(n => [n.id, n]));
    view.into = new Map(view.nodes.map(n => [n.id, []]));
    view.out = new Map(view.nodes.map(n => [n.id, []]));
    view.edges.forEach((e, k) => {
      e.k = k;
      view.into.get(e.to).push(e);
      view.out.get(e.from).push(e);
    });
    for (const n of view.nodes) {
      n.x = n.recorded = parse(n.x); n.g = parse(n.g);
      n.args = n.args.map(a => isNumber(a) ? a : { fixed: parse(a.fixed) });
    }
    for (const e of view.edges) { e.d = parse(e.d); e.c = parse(e.c); }
    view.forward = view.nodes.filter(n => n.kind !== "constant");
    view.backward = [...view.forward].reverse().filter(n => n.reached);
    view.steps = [...view.forward.map(n => ["forward", n]), ...view.backward.map(n => ["backward", n])];
    view.turn = new Map(view.backward.map((n, k) => [n.id, view.forward.length + k]));
    view.made = new Map(view.forward.map((n, k) => [n.id, k]));
    view.figure = $(`figure-${name}`);
    view.boxes = new Map([...view.figure.querySelectorAll(".node")].map(g => [Number(g.dataset.n), g]));
    view.cannot = cannot(view);
    view.terms = new Map(view.nodes.map(n => [n.id,
      view.out.get(n.id).filter(e => view.turn.has(e.to)).sort((a, b) => view.turn.get(a.to) - view.turn.get(b.to))]));
    for (const [id, g] of view.boxes) {
      const n = view.by.get(id);
      if (n.kind === "constant") continue;
      g.setAttribute("tabindex", "0");
      g.setAttribute("role", "button");
      g.addEventListener("click", () => choose(id));
      g.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); e.stopPropagation(); choose(id); } });
    }
    return view;
  }

  function cannot(view) {  // why the page cannot compute this graph for other inputs; "" when it can
    if (!data.scalar || view !== data.views.full) return "values here are arrays or folded, so inputs cannot be moved in the page";
    const odd = view.nodes.find(n => n.op && !RULES[n.op]);
    return odd ? `the page cannot recompute ${odd.name}${odd.where ? ` (${odd.where})` : ""}, so inputs stay as recorded` : "";
  }

  const view = () => data.views[state.view];

  // -- computing again -------------------------------------------------------------------------------------

  function recompute() {
    const v = view();
    if (v.cannot) return;
    const value = a => isNumber(a) ? v.by.get(a).x : a.fixed;
    for (const n of v.nodes) {
      if (n.kind === "input" && n.id in state.inputs) n.x = state.inputs[n.id];
      if (n.op) n.x = RULES[n.op][0](...n.args.map(value));
      n.text = shown(n.x);
      n.g = 0;
    }
    v.by.get(v.root).g = 1;
    for (const n of [...v.nodes].reverse()) {
      if (!n.op) continue;
      const partials = RULES[n.op].slice(1), values = n.args.map(value), from = [...v.into.get(n.id)];
      n.args.forEach((a, i) => {
        if (!isNumber(a)) return;
        const e = from.splice(from.findIndex(e => e.from === a), 1)[0];
        if (v.by.get(a).kind === "constant") return;
        e.d = partials[i] ? partials[i](n.x, ...values) : 0;
        e.c = n.g === 0 ? 0 : n.g * e.d;  // a strong zero: what is not used sends nothing
        e.partial = shown(e.d);
        e.sent = shown(e.c);
        v.by.get(a).g += e.c;
      });
    }
    for (const n of v.nodes) n.gradient = shown(n.g);
    const weights = v.edges.map(e => Math.abs(e.c)), heaviest = Math.max(0, ...weights.filter(Number.isFinite));
    v.figure.querySelectorAll(".arrow").forEach((arrow, k) => {
      const share = heaviest && isNumber(v.edges[k].c) ? Math.sqrt(weights[k] / heaviest) : 0;
      arrow.setAttribute("stroke-width", Number.isFinite(share) ? 1 + 4 * share : 5);
      const bad = isNumber(v.edges[k].c) && !Number.isFinite(v.edges[k].c + v.edges[k].d);
      for (const part of [arrow, arrow.nextElementSibling]) part.classList.toggle("bad", bad);
    });
    for (const label of v.figure.querySelectorAll("[data-e]")) {
      const e = v.edges[Number(label.dataset.e)];
      if (!isNumber(e.d)) continue;
      label.lastChild.textContent = marked(e.partial);
      label.classList.toggle("wrong", !Number.isFinite(e.d));
    }
  }

  // -- what has happened at the current step ---------------------------------------------------------------

  const arrived = n => view().terms.get(n.id).filter(e => view().turn.get(e.to) < state.step);
  const isRoot = n => n.id === view().root;

  function running(n) {  // the gradient so far, in words
    const v = view(), terms = v.terms.get(n.id), come = arrived(n);
    if (isRoot(n)) return state.step >= v.forward.length ? `grad ${n.gradient}` : "";
    if (state.step < v.forward.length || !n.reached) return n.reached ? "" : "not reached";
    if (come.length === terms.length) return `grad ${n.gradient}`;
    if (!come.length) return "grad …";
    const sum = come.every(e => isNumber(e.c)) ? shown(come.reduce((s, e) => s + e.c, 0)) : "…";
    return `grad ${sum} (${come.length}/${terms.length})`;
  }

  function predicted(n) {
    const guess = guesses[n.id];
    if (guess === undefined) return "grad ?";
    return `${guess.right ? "✓" : "✗"} ${shown(guess.x)}`;
  }

  // -- drawing the state -----------------------------------------------------------------------------------

  function show() {
    const v = view(), [phase, now] = v.steps[state.step];
    for (const [name, other] of Object.entries(data.views)) other.figure.hidden = name !== state.view;
    for (const n of v.nodes) {
      const g = v.boxes.get(n.id);
      if (!g || n.kind === "constant") continue;
      const computed = v.made.get(n.id) <= state.step;
      const [value, last] = [g.querySelector(".value"), g.querySelector("text.gradient, text.none")];
      const gradient = state.predict ? predicted(n) : running(n);
      value.textContent = computed ? marked(n.text) : "";
      last.textContent = marked(gradient);
      for (const bars of [...g.querySelectorAll(".value")].slice(1)) bars.style.visibility = computed ? "" : "hidden";
      value.classList.toggle("wrong", computed && /NaN|inf/.test(n.text));
      last.setAttribute("class", gradient.startsWith("grad") || /[✓✗]/.test(gradient) ? "gradient" : "none");
      g.querySelector("title").textContent = [n.where && `${n.where}  ${n.source}`, `${n.title}: ${n.text}`,
        state.predict ? "" : `grad ${n.gradient}`].filter(Boolean).join("\n");
      g.classList.toggle("waiting", !computed);
      g.classList.toggle("now", n === now);
      g.classList.toggle("chosen", n.id === state.chosen);
      g.classList.toggle("bad", computed && /NaN|inf/.test(n.text) || !state.predict && /NaN|inf/.test(gradient));
      for (const hatch of g.querySelectorAll("rect[fill^=url]")) hatch.style.visibility = g.classList.contains("bad") ? "" : "hidden";
      g.classList.toggle("said", state.predict && guesses[n.id]?.right === true);
      g.classList.toggle("missed", state.predict && guesses[n.id]?.right === false);
      g.setAttribute("aria-label", `${n.title}, value ${computed ? n.text : "not computed yet"}, ${gradient || "gradient not there yet"}`);
    }
    for (const part of v.figure.querySelectorAll("[data-to]"))
      part.classList.toggle("sending", Number(part.dataset.to) === now.id
        && (phase === "forward" || v.by.get(Number(part.dataset.from)).kind !== "constant"));
    for (const label of v.figure.querySelectorAll("[data-e]")) {
      const e = v.edges[Number(label.dataset.e)];
      label.querySelector("title").textContent = `local derivative ${e.partial}` + (state.predict || !e.sent ? "" : `, sends back ${e.sent}`);
    }
    for (const line of document.querySelectorAll(".line")) line.classList.toggle("now", !!now.where && line.dataset.at === now.at);
    for (const row of document.querySelectorAll("#steps tr[data-step]"))
      row.classList.toggle("now", row.dataset.view === state.view && Number(row.dataset.step) === state.step);
    $("slider").max = v.steps.length - 1;
    $("slider").value = state.step;
    $("slider").setAttribute("aria-valuetext", `step ${state.step + 1} of ${v.steps.length}, ${phase}, ${now.title}`);
    $("counter").textContent = `step ${state.step + 1}/${v.steps.length}`;
    $("phase").textContent = phase === "forward" ? "FORWARD" : "BACKWARD";
    $("status").textContent = sentence(phase, now);
    document.body.classList.toggle("predicting", state.predict);
    $("predict").checked = state.predict;
    $("fold").checked = state.view === "folded";
    card();
    remember();
  }

  function sentence(phase, n) {
    const v = view();
    if (phase === "forward") return n.op ? `${n.title} is computed: ${n.formula ? `${n.formula} = ` : ""}${n.text}` : `input ${n.title} is ${n.text}`;
    const to = v.into.get(n.id).filter(e => v.by.get(e.from).kind !== "constant");
    if (state.predict) return to.length ? `${n.title} sends its gradient times each local derivative back` : `the gradient of ${n.title} is complete`;
    const start = isRoot(n) ? `start at the result: grad ${n.gradient}. ` : `the gradient of ${n.title} is complete: ${n.gradient}. `;
    if (!to.length) return start.trim();
    return start + "It sends " + to.map(e =>
      `${n.gradient} × ${e.partial || "its derivative"}${e.sent ? ` = ${e.sent}` : ""} to ${v.by.get(e.from).title}`).join(", ") + ".";
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children.filter(c => c !== null));
    return made;
  }

  function card() {
    const v = view(), n = v.by.get(state.chosen ?? v.steps[state.step][1].id), hide = state.predict;
    const rows = [["value", n.text], ["gradient", hide ? "?" : n.reached ? n.gradient : "none arrives"]];
    if (n.held) rows.push([".grad holds", hide ? "?" : n.held]);
    if (n.where) rows.push(["line", `${n.where}  ${n.source}`]);
    if (n.count > 1) rows.push(["stands for", `${n.count} values`]);
    const list = element("dl");
    for (const [key, value] of rows) list.append(element("dt", { textContent: key }), element("dd", { textContent: value }));
    const focused = document.activeElement?.id === "guess";
    $("card").replaceChildren(element("h2", { textContent: n.title }), list, hide ? question(n) : chain(n));
    if (focused) $("guess")?.focus();
  }

  function chain(n) {  // the chain-rule sum over everything that uses n
    const v = view(), terms = v.terms.get(n.id), list = element("ul", { className: "sum" });
    if (isRoot(n)) return element("p", { className: "soft", textContent: "The result: its gradient by itself is 1." });
    if (!terms.length) return element("p", { className: "soft", textContent: "No gradient arrives here." });
    const come = new Set(arrived(n));
    for (const e of terms) {
      const to = v.by.get(e.to);
      list.append(element("li", { className: come.has(e) ? "come" : "yet" },
        `${come.has(e) ? "" : "(later) "}through ${to.title}: ${to.gradient} × `,
        element("span", { className: "partial", textContent: e.partial || "its derivative" }), e.sent ? ` = ${e.sent}` : ""));
    }
    list.append(element("li", { className: "total", textContent:
      n.count > 1 ? `their gradients: ${n.gradient}` : terms.length > 1 ? `sum of ${terms.length} terms: ${n.gradient}` : `gradient: ${n.gradient}` }));
    return list;
  }

  function question(n) {
    if (!isNumber(n.g)) return element("p", { className: "soft", textContent: "Only single numbers are asked for." });
    const guess = guesses[n.id];
    const input = element("input", { id: "guess", type: "text", inputMode: "decimal", value: guess ? String(guess.x) : "" });
    input.setAttribute("aria-label", `Your gradient of ${n.title}`);
    const answer = () => {
      const x = Number(input.value.trim().replace(",", "."));
      if (input.value.trim() === "" || Number.isNaN(x)) return;
      guesses[n.id] = { x, right: Math.abs(x - n.g) <= 2e-3 * Math.abs(n.g) + 1e-12 };
      show();
    };
    input.addEventListener("change", answer);
    const done = Object.values(guesses), right = done.filter(g => g.right).length;
    return element("div", {},
      element("div", { className: "guess" }, element("label", { htmlFor: "guess", textContent: "your gradient" }), input,
        element("span", { id: "mark", className: `mark ${guess ? (guess.right ? "right" : "wrong") : ""}`,
          textContent: guess ? (guess.right ? "✓ right" : "✗ not this") : "" })),
      element("p", { className: "soft", textContent: `${right} of ${done.length} right. Three digits are enough.` }));
  }

  // -- moving ----------------------------------------------------------------------------------------------

  function go(step) {
    state.step = Math.max(0, Math.min(view().steps.length - 1, step));
    state.chosen = null;
    show();
    reveal(view().steps[state.step][1].id);
  }

  function choose(id) {
    state.chosen = state.chosen === id ? null : id;
    show();
  }

  function reveal(id) {
    view().boxes.get(id)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function light(ids) {
    for (const [id, g] of view().boxes) g.classList.toggle("found", ids.includes(id));
    if (ids.length) reveal(ids[0]);
  }

  function find(text) {
    const wanted = text.trim().toLowerCase();
    const among = words => wanted ? view().forward.filter(n => words(n).toLowerCase().includes(wanted)) : [];
    const named = among(n => `${n.title} ${n.op}`), hits = named.length ? named : among(n => n.source);
    light(hits.map(n => n.id));
    if (wanted) $("status").textContent = `${hits.length} found`;
    return hits;
  }

  function trouble() {
    const v = view(), bad = text => /NaN|inf/.test(text);
    const at = v.steps.findIndex(([phase, n]) => bad(phase === "forward" ? n.text : n.gradient));
    if (at < 0) $("status").textContent = "no NaN and no infinity anywhere";
    else go(at);
  }

  function fold(on) {
    const name = on ? "folded" : "full";
    if (!data.views[name]) return;
    const at = view().steps[state.step][1].at;
    state.view = name;
    state.chosen = null;
    state.step = Math.max(0, view().steps.findIndex(([, n]) => at && n.at === at));
    sliders();
    show();
  }

  function play() {
    const on = playing === null;
    if (!on) clearInterval(playing);
    playing = on ? setInterval(() => state.step + 1 < view().steps.length ? go(state.step + 1) : play(), 900) : null;
    $("play").textContent = on ? "pause" : "play";
    $("play").setAttribute("aria-pressed", on);
  }

  // -- sliders ---------------------------------------------------------------------------------------------

  function sliders() {
    const v = view(), box = $("inputs");
    box.replaceChildren(element("h2", { textContent: "Inputs" }));
    if (v.cannot) return box.append(element("p", { className: "soft", textContent: v.cannot }));
    for (const n of v.nodes.filter(n => n.kind === "input")) {
      const middle = n.recorded, reach = Math.max(1, 2 * Math.abs(middle)) || 1, x = state.inputs[n.id] ?? middle;
      const range = element("input", { type: "range", min: middle - reach, max: middle + reach, step: reach / 200, value: x });
      const exact = element("input", { type: "number", step: "any", value: x, id: `input-${n.id}` });
      range.setAttribute("aria-label", `${n.title}, coarse`);
      exact.setAttribute("aria-label", n.title);
      const move = (from, other) => from.addEventListener("input", () => {
        if (from.value === "" || !Number.isFinite(Number(from.value))) return;
        other.value = from.value;
        state.inputs[n.id] = Number(from.value);
        for (const id of Object.keys(guesses)) delete guesses[id];
        recompute();
        show();
      });
      move(range, exact);
      move(exact, range);
      box.append(element("div", { className: "input" }, element("label", { className: "mono", htmlFor: exact.id, textContent: n.title }), range, exact));
    }
    box.append(element("p", { className: "soft", textContent: "Recomputed in the page along the branches that were taken when recording." }),
      element("button", { id: "reset", textContent: "as recorded", onclick: restore }));
  }

  function restore() {
    state.inputs = {};
    for (const n of view().nodes) n.x = n.recorded;
    recompute();
    sliders();
    show();
  }

  // -- copying, remembering --------------------------------------------------------------------------------

  function latex() {
    const v = view(), n = v.by.get(state.chosen ?? v.steps[state.step][1].id);
    const word = m => /^[A-Za-z]\w*$/.test(m.label || "") ? (m.label.length > 1 ? `\\mathrm{${m.label.replace(/_/g, "\\_")}}` : m.label) : `v_{${m.id}}`;
    const d = (a, b) => `\\frac{\\partial ${word(a)}}{\\partial ${word(b)}}`;
    const root = v.by.get(v.root), terms = v.terms.get(n.id);
    if (!terms.length) return `${d(root, n)} = ${n.gradient}`;
    const symbols = terms.map(e => `${d(root, v.by.get(e.to))} ${d(v.by.get(e.to), n)}`).join(" + ");
    const numbers = terms.map(e => `${v.by.get(e.to).gradient} \\cdot (${e.partial})`).join(" + ");
    return `${d(root, n)} = ${symbols} = ${numbers} = ${n.gradient}`;
  }

  async function copy(what) {
    const texts = { svg: () => new XMLSerializer().serializeToString(view().figure.querySelector("svg")),
      dot: () => view().dot, latex, link: () => location.href };
    const text = texts[what]();
    try { await navigator.clipboard.writeText(text); }
    catch {  // a file page may not be allowed to
      const area = element("textarea", { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    $("status").textContent = `${what === "link" ? "link" : what.toUpperCase()} copied, ${text.length} characters`;
  }

  function remember() {
    const parts = new URLSearchParams({ step: state.step + 1 });
    if (state.chosen !== null) parts.set("node", state.chosen);
    if (state.predict) parts.set("predict", 1);
    if (state.view === "folded" && data.views.full) parts.set("fold", 1);
    for (const [id, x] of Object.entries(state.inputs)) parts.set(`x${id}`, x);
    try { history.replaceState(null, "", `#${parts}`); } catch { /* inside a frame without an address */ }
  }

  function recall() {
    const parts = new URLSearchParams(location.hash.slice(1));
    if (parts.has("fold") && data.views.folded) state.view = "folded";
    state.predict = parts.has("predict");
    for (const [key, x] of parts) if (/^x\d+$/.test(key) && Number.isFinite(Number(x))) state.inputs[key.slice(1)] = Number(x);
    const last = view().steps.length - 1;
    state.step = Math.max(0, Math.min(last, Number(parts.get("step") || last + 1) - 1 || 0));
    if (parts.has("node") && view().by.has(Number(parts.get("node")))) state.chosen = Number(parts.get("node"));
  }

  // -- begin -----------------------------------------------------------------------------------------------

  for (const name of Object.keys(data.views)) prepare(name);
  for (const part of document.querySelectorAll(".script")) part.hidden = false;
  document.body.classList.add("scripted");
  $("steps").open = false;
  $("foldLabel").hidden = !(data.views.full && data.views.folded);
  $("blamed").hidden = !view().nodes.some(n => n.lit);
  recall();
  sliders();
  if (Object.keys(state.inputs).length) recompute();
  show();

  $("first").onclick = () => go(0);
  $("last").onclick = () => go(view().steps.length - 1);
  $("back").onclick = () => go(state.step - 1);
  $("next").onclick = () => go(state.step + 1);
  $("slider").oninput = () => go(Number($("slider").value));
  $("play").onclick = play;
  $("predict").onchange = () => { state.predict = $("predict").checked; show(); };
  $("fold").onchange = () => fold($("fold").checked);
  $("fit").onchange = () => $("figures").classList.toggle("fit", $("fit").checked);
  $("trouble").onclick = trouble;
  $("blamed").onclick = () => {
    const hits = view().nodes.filter(n => n.lit);
    light(hits.map(n => n.id));
    choose(hits[0].id);
  };
  $("find").oninput = () => find($("find").value);
  $("find").onkeydown = e => { if (e.key === "Enter") { const [hit] = find($("find").value); if (hit) choose(hit.id); } };
  for (const button of document.querySelectorAll("[data-copy]")) button.onclick = () => copy(button.dataset.copy);
  for (const line of document.querySelectorAll(".line[data-at]")) {
    const hits = () => view().forward.filter(n => n.at === line.dataset.at).map(n => n.id);
    line.tabIndex = 0;
    line.setAttribute("role", "button");
    line.onclick = () => { light(hits()); $("status").textContent = `${hits().length} boxes from this line`; };
    line.onkeydown = e => { if (e.key === "Enter") line.onclick(); };
  }
  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || /INPUT|TEXTAREA/.test(e.target.tagName) && e.target.id !== "slider") return;
    const moves = { ArrowRight: () => go(state.step + 1), ArrowLeft: () => go(state.step - 1), Home: () => go(0),
      End: () => go(view().steps.length - 1), "/": () => $("find").focus() };
    if (e.key === " " && e.target.tagName !== "BUTTON") moves[" "] = play;
    if (moves[e.key]) { e.preventDefault(); moves[e.key](); }
  });
})();
