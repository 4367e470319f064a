(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = id => document.getElementById(id);
  const state = { view: Object.keys(data.views)[0], step: 0, chosen: null, predict: false, inputs: {} };
  const guesses = {};
  const machine = typeof data.graph === "string" ? null : engine(data.graph);
  const cannot = machine === null ? data.graph : "";
  const MOST_INPUTS = 60;
  let playing = null;

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
    for (const n of view.nodes) n.g = parse(n.g);
    for (const e of view.edges) { e.d = parse(e.d); e.c = parse(e.c); }
    view.forward = view.nodes.filter(n => n.kind !== "constant");
    view.backward = [...view.forward].reverse().filter(n => n.reached);
    view.steps = [...view.forward.map(n => ["forward", n]), ...view.backward.map(n => ["backward", n])];
    view.turn = new Map(view.backward.map((n, k) => [n.id, view.forward.length + k]));
    view.made = new Map(view.forward.map((n, k) => [n.id, k]));
    view.figure = $(`figure-${name}`);
    view.boxes = new Map([...view.figure.querySelectorAll(".node")].map(g => [Number(g.dataset.n), g]));
    if (!cannot) join(view);
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

  function join(view) {  // which uses of operands, as [node, operand], each arrow stands for
    const home = new Map(view.nodes.flatMap(n => n.members.map(k => [k, n.id])));
    const uses = new Map();
    machine.nodes.forEach((n, k) => n.args.forEach((a, i) => {
      if (!isNumber(a)) return;
      const ends = `${home.get(a)} ${home.get(k)}`;
      if (!uses.has(ends)) uses.set(ends, []);
      uses.get(ends).push([n, i]);
    }));
    const rest = new Map();
    for (const e of view.edges) rest.set(`${e.from} ${e.to}`, (rest.get(`${e.from} ${e.to}`) || 0) + 1);
    for (const e of view.edges) {
      const ends = `${e.from} ${e.to}`, left = uses.get(ends) || [], last = rest.get(ends) === 1;
      rest.set(ends, rest.get(ends) - 1);
      e.members = last ? left : left.splice(0, 1);
    }
  }

  const view = () => data.views[state.view];

  // -- computing again -------------------------------------------------------------------------------------

  function recompute() {
    if (cannot) return;
    machine.compute(state.inputs);
    for (const v of Object.values(data.views)) renew(v);
  }

  function renew(v) {  // the numbers of a view, from those of the recording
    for (const n of v.nodes) {
      const members = n.members.map(k => machine.nodes[k]);
      n.text = spread(members.map(m => m.x));
      n.gradient = spread(members.map(m => m.g));
      n.g = members.length === 1 ? members[0].g : null;
    }
    for (const e of v.edges) {
      if (v.by.get(e.from).kind === "constant" || !e.members.length) continue;
      const slopes = e.members.map(([n, i]) => n.d[i]), shares = new Map();
      for (const [n, i] of e.members) shares.set(n.args[i], (shares.get(n.args[i]) ?? 0) + n.c[i]);
      const sent = [...shares.values()];
      [e.d, e.c] = [e.members.length === 1 ? slopes[0] : null, sent.length === 1 ? sent[0] : null];
      e.partial = times(e.n > 1 ? String(e.n) : "", spread(slopes));
      e.term = times(spread(e.members.map(([n]) => n.g)), e.partial);
      e.sent = spread(sent);
      e.weight = Math.max(...sent.map(c => Number.isNaN(c) ? Infinity : Math.abs(c)));
      e.bad = ![...slopes, ...sent].every(Number.isFinite);
    }
    const heaviest = Math.max(0, ...v.edges.map(e => e.weight).filter(Number.isFinite));
    v.figure.querySelectorAll(".arrow").forEach((arrow, k) => {
      const e = v.edges[k], share = heaviest && e.weight ? Math.sqrt(e.weight / heaviest) : 0;
      arrow.setAttribute("stroke-width", Number.isFinite(share) ? 1 + 4 * share : 5);
      for (const part of [arrow, arrow.nextElementSibling]) part.classList.toggle("bad", e.bad === true);
    });
    for (const label of v.figure.querySelectorAll("[data-e]")) {
      const e = v.edges[Number(label.dataset.e)];
      if (e.weight === undefined) continue;
      label.lastChild.textContent = marked(e.partial);
      label.classList.toggle("wrong", /NaN|inf/.test(e.partial));
    }
  }

  // -- what has happened at the current step ---------------------------------------------------------------

  const arrived = n => view().terms.get(n.id).filter(e => view().turn.get(e.to) < state.step);
  const isRoot = n => n.id === view().root;

  function running(n) {  // the gradient so far, in words
    const v = view(), terms = v.terms.get(n.id), come = arrived(n);
    if (data.stop) return "";
    if (isRoot(n)) return state.step >= v.forward.length ? `grad ${n.gradient}` : "";
    if (state.step < v.forward.length || !n.reached) return n.reached ? "" : "not reached";
    if (come.length === terms.length) return `grad ${n.gradient}`;
    if (!come.length) return "grad …";
    const short = total(come).split(", norm")[0].replace(/^\([^)]*\) /, "");  // the box has the shape above
    return `grad ${short} (${come.length}/${terms.length})`;
  }

  function total(come) {  // of the parts that have arrived: a number, or an array in brief
    if (come.every(e => isNumber(e.c))) return shown(come.reduce((s, e) => s + e.c, 0));
    return come[come.length - 1].total || "…";
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
    const end = data.stop && state.step === v.steps.length - 1 ? `; here the function ${data.stop}` : "";
    if (phase === "forward") return end ? `${n.title} is computed: ${n.text}${end}` : n.op ? `${n.title} is computed: ${n.formula ? `${n.formula} = ` : ""}${n.text}` : `input ${n.title} is ${n.text}`;
    const to = v.into.get(n.id).filter(e => v.by.get(e.from).kind !== "constant");
    if (state.predict) return to.length ? `${n.title} sends its gradient times each local derivative back` : `the gradient of ${n.title} is complete`;
    if (data.stop) return data.stop;
    const start = isRoot(n) ? `start at the result: grad ${n.gradient}. ` : `the gradient of ${n.title} is complete: ${n.gradient}. `;
    if (!to.length) return start.trim();
    return start + "It sends " + to.map(e =>
      `${e.term}${e.sent ? ` = ${e.sent}` : ""} to ${v.by.get(e.from).title}`).join(", ") + ".";
  }

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children.filter(c => c !== null));
    return made;
  }

  function card() {
    const v = view(), n = v.by.get(state.chosen ?? v.steps[state.step][1].id), hide = state.predict;
    const rows = [["value", n.text], ["", n.detail], ["gradient", hide ? "?" : n.reached ? n.gradient : "none arrives"], ["", hide ? "" : n.gradientDetail]];
    if (n.held) rows.push([".grad holds", hide ? "?" : n.held]);
    if (n.where) rows.push(["line", `${n.where}  ${n.source}`]);
    if (n.count > 1) rows.push(["stands for", `${n.count} values`]);
    const list = element("dl");
    for (const [key, value] of rows.filter(([, value]) => value)) list.append(element("dt", { textContent: key }), element("dd", { textContent: value }));
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
        `${come.has(e) ? "" : "(later) "}through ${to.title}: ${e.term}${e.sent ? ` = ${e.sent}` : ""}`));
    }
    if (come.size && come.size < terms.length)
      list.append(element("li", { className: "come", textContent: `so far: ${total([...come])}` }));
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
    const [phase, now] = view().steps[state.step], share = state.step / view().steps.length;
    state.view = name;
    state.chosen = null;
    const steps = view().steps, same = steps.findIndex(([other, n]) => other === phase && now.at && n.at === now.at);
    state.step = same < 0 ? Math.floor(share * steps.length) : same;
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
    const box = $("inputs");
    box.replaceChildren(element("h2", { textContent: "Inputs" }));
    if (cannot) return box.append(element("p", { className: "soft", textContent: cannot }));
    for (const [id, title] of machine.inputs.slice(0, MOST_INPUTS)) {
      const middle = machine.nodes[id].recorded, reach = Math.max(1, 2 * Math.abs(middle)) || 1, x = state.inputs[id] ?? middle;
      const range = element("input", { type: "range", min: middle - reach, max: middle + reach, step: reach / 200, value: x });
      const exact = element("input", { type: "number", step: "any", value: x, id: `input-${id}` });
      range.setAttribute("aria-label", `${title}, coarse`);
      exact.setAttribute("aria-label", title);
      const move = (from, other) => from.addEventListener("input", () => {
        if (from.value === "" || !Number.isFinite(Number(from.value))) return;
        other.value = from.value;
        state.inputs[id] = Number(from.value);
        for (const guessed of Object.keys(guesses)) delete guesses[guessed];
        recompute();
        show();
      });
      move(range, exact);
      move(exact, range);
      box.append(element("div", { className: "input" }, element("label", { className: "mono", htmlFor: exact.id, textContent: title }), range, exact));
    }
    const more = machine.inputs.length - MOST_INPUTS;
    if (more > 0) box.append(element("p", { className: "soft", textContent: `${more} more inputs stay as they are.` }));
    box.append(element("p", { className: "soft", textContent: "Recomputed in the page along the branches that were taken when recording." }),
      element("button", { id: "reset", textContent: "as recorded", onclick: restore }));
  }

  function restore() {
    state.inputs = {};
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
    if (data.views.full && data.views.folded) parts.set("fold", state.view === "folded" ? 1 : 0);
    for (const [id, x] of Object.entries(state.inputs)) parts.set(`x${id}`, x);
    try { history.replaceState(null, "", `#${parts}`); } catch { /* inside a frame without an address */ }
  }

  function recall() {
    const parts = new URLSearchParams(location.hash.slice(1));
    const kept = parts.get("fold") === "1" ? "folded" : "full";
    if (parts.has("fold") && data.views[kept]) state.view = kept;
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
