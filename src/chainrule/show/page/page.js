// The page put together: steps, buttons, keys, links.
let playing = null, rows = [];  // of the table of steps

function show() {
  const v = view(), [phase, n] = now();
  drawBoxes();
  drawArrows();
  for (const line of document.querySelectorAll(".line")) mark(line, "now", n.where && line.dataset.at === n.at);
  tell();
  $("slider").max = v.steps.length - 1;
  $("slider").value = state.step;
  $("slider").setAttribute("aria-valuetext", `step ${state.step + 1} of ${v.steps.length}, ${phase}, ${n.title}`);
  $("counter").textContent = `step ${state.step + 1}/${v.steps.length}`;
  $("phase").textContent = phase === "forward" ? "FORWARD" : "BACKWARD";
  $("phase").className = phase;
  $("status").textContent = sentence(phase, n);
  document.body.classList.toggle("predicting", state.predict);
  $("predict").checked = state.predict;
  $("fold").checked = state.view === "folded";
  $("down").setAttribute("aria-pressed", state.down);
  why();
  card();
  remember();
}

function tell() {  // the table of steps, where it is open
  if (!$("steps").open) return;
  for (const { row, mine, step } of rows) {
    mark(row, "now", mine === state.view && step === state.step);
    mark(row, "later", mine !== state.view || step > state.step);
  }
}

// -- moving ------------------------------------------------------------------------------------------------------

function go(step) {
  state.step = Math.max(0, Math.min(view().steps.length - 1, step));
  state.chosen = null;
  if (state.step) $("hint").hidden = true;
  show();
  reveal(now()[1].id);
}

function choose(id) {
  state.chosen = state.chosen === id ? null : id;
  show();
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
  const bad = text => /NaN|inf/.test(text);
  const at = view().steps.findIndex(([phase, n]) => bad(phase === "forward" ? n.text : n.gradient));
  if (at < 0) $("status").textContent = "no NaN and no infinity anywhere";
  else go(at);
}

function fold(on) {
  const name = on ? "folded" : "full";
  if (!data.views[name]) return;
  const [phase, n] = now(), share = state.step / view().steps.length;
  state.view = name;
  state.chosen = null;
  const steps = view().steps, same = steps.findIndex(([other, m]) => other === phase && n.at && m.at === n.at);
  state.step = same < 0 ? Math.floor(share * steps.length) : same;
  for (const [other, v] of Object.entries(data.views)) v.figure.hidden = other !== name;
  sliders();
  show();
  fitted();
}

function turn(down) {
  state.down = down;
  Object.values(data.views).forEach(lay);
  show();
  fitted();
}

function play() {
  const on = playing === null;
  if (on && state.step === view().steps.length - 1) go(0);
  clearInterval(playing);
  playing = on ? setInterval(() => {
    if (state.step + 1 < view().steps.length) go(state.step + 1);
    if (state.step + 1 === view().steps.length && playing !== null) play();
  }, 1500 / Number($("speed").value)) : null;
  $("play").textContent = on ? "❚❚ pause" : "▶ play";
  $("play").setAttribute("aria-pressed", on);
}

// -- copying, remembering ----------------------------------------------------------------------------------------

function latex() {
  const v = view(), n = v.by.get(state.chosen ?? now()[1].id);
  const word = m => /^[A-Za-z]\w*$/.test(m.label || "") ? (m.label.length > 1 ? `\\mathrm{${m.label.replace(/_/g, "\\_")}}` : m.label) : `v_{${m.id}}`;
  const d = (a, b) => `\\frac{\\partial ${word(a)}}{\\partial ${word(b)}}`;
  const root = v.by.get(v.root), terms = v.terms.get(n.id);
  if (!terms.length) return `${d(root, n)} = ${n.gradient}`;
  const symbols = terms.map(e => `${d(root, v.by.get(e.to))} ${d(v.by.get(e.to), n)}`).join(" + ");
  const numbers = terms.map(e => `${bracketed(e.weight)} \\cdot (${e.partial})`).join(" + ");
  return `${d(root, n)} = ${symbols} = ${numbers} = ${n.gradient}`;
}

async function copy(what) {
  const texts = { svg: () => new XMLSerializer().serializeToString(whole()), dot: () => view().dot, latex, link: () => { note(); return location.href; } };
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

function whole() {  // the picture with all of it in sight
  const svg = svgOf(view()).cloneNode(true), e = extent();
  svg.setAttribute("viewBox", `${e.x} ${e.y} ${e.w} ${e.h}`);
  svg.setAttribute("width", Math.round(e.w));
  svg.setAttribute("height", Math.round(e.h));
  return svg;
}

const rest = 250;  // milliseconds between two addresses: browsers take long for one, and refuse more than 100 in 30 seconds
let noted = -rest, later = null;

function remember() {  // the first of many changes at once, the last of them soon
  const wait = noted + rest - performance.now();
  if (wait <= 0) note();
  else if (later === null) later = setTimeout(note, wait);
}

function note() {
  clearTimeout(later);
  [noted, later] = [performance.now(), null];
  const parts = new URLSearchParams({ step: state.step + 1 });
  if (state.chosen !== null) parts.set("node", state.chosen);
  if (state.predict) parts.set("predict", 1);
  if (state.down !== narrow()) parts.set("down", state.down ? 1 : 0);
  if (data.views.full && data.views.folded) parts.set("fold", state.view === "folded" ? 1 : 0);
  for (const [id, x] of Object.entries(state.inputs)) parts.set(`x${id}`, x);
  if (state.expression !== undefined) parts.set("f", state.expression);
  try { history.replaceState(null, "", `#${parts}`); } catch { /* inside a frame without an address */ }
}

const narrow = () => innerWidth < 640;  // a phone: from the top down

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1)), kept = parts.get("fold") === "1" ? "folded" : "full";
  if (parts.has("fold") && data.views[kept]) state.view = kept;
  state.predict = parts.has("predict");
  state.down = parts.has("down") ? parts.get("down") === "1" : narrow();
  for (const [key, x] of parts) if (/^x\d+$/.test(key) && read(x) !== null) state.inputs[key.slice(1)] = read(x);
  const lit = view().nodes.find(n => n.lit), last = view().steps.length - 1;
  const begin = data.stop ? last : lit ? view().turn.get(lit.id) ?? view().made.get(lit.id) : 0;
  state.step = Math.max(0, Math.min(last, parts.has("step") ? Number(parts.get("step")) - 1 || 0 : begin));
  if (parts.has("node") && view().by.has(Number(parts.get("node")))) state.chosen = Number(parts.get("node"));
}

// -- the theme of the notebook around -----------------------------------------------------------------------------

function theme() {
  if (parent === window) return;
  try {
    const body = parent.document.body, follow = () => {
      const lab = body.dataset.jpThemeLight, code = [...body.classList].find(c => /^vscode-(dark|light)$/.test(c));
      const own = lab ? (lab === "true" ? "light" : "dark") : code?.slice(7) ?? body.dataset.theme ?? parent.document.documentElement.dataset.theme;
      if (own === "light" || own === "dark") document.documentElement.dataset.theme = own;
    };
    follow();
    new MutationObserver(follow).observe(body, { attributes: true });
  } catch { /* a frame that may not look around: the system's theme */ }
}

// -- begin -------------------------------------------------------------------------------------------------------

function boxesAnswer(v) {
  for (const [id, g] of v.boxes) {
    if (v.by.get(id).kind === "constant") continue;
    g.setAttribute("tabindex", "0");
    g.setAttribute("role", "button");
    g.addEventListener("click", () => choose(id));
    g.addEventListener("keydown", e => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); e.stopPropagation(); choose(id); } });
  }
}

function linesAnswer() {
  for (const line of document.querySelectorAll(".line[data-at]")) {
    const hits = () => view().forward.filter(n => n.at === line.dataset.at).map(n => n.id);
    line.tabIndex = 0;
    line.setAttribute("role", "button");
    line.onclick = () => { light(hits()); $("status").textContent = `${hits().length} boxes from this line`; };
    line.onkeydown = e => { if (e.key === "Enter") line.onclick(); };
  }
}

function buttonsAnswer() {
  const last = () => view().steps.length - 1;
  const clicks = { first: () => go(0), last: () => go(last()), back: () => go(state.step - 1), next: () => go(state.step + 1), play,
    trouble, down: () => turn(!state.down), fit: () => fit(SMALLEST), larger: () => zoom(1.25), smaller: () => zoom(0.8),
    hide: () => { $("hint").hidden = true; keep("chainrule-hint"); } };
  for (const [id, act] of Object.entries(clicks)) $(id).onclick = act;
  $("steps").addEventListener("toggle", tell);
  $("slider").oninput = () => go(Number($("slider").value));
  $("speed").onchange = () => { if (playing !== null) { play(); play(); } };
  $("predict").onchange = () => { state.predict = $("predict").checked; show(); };
  $("fold").onchange = () => fold($("fold").checked);
  $("blamed").onclick = () => {
    const hits = view().nodes.filter(n => n.lit);
    light(hits.map(n => n.id));
    choose(hits[0].id);
  };
  $("find").oninput = () => find($("find").value);
  $("find").onkeydown = e => { if (e.key === "Enter") { const [hit] = find($("find").value); if (hit) choose(hit.id); } };
  for (const button of document.querySelectorAll("[data-copy]")) button.onclick = () => copy(button.dataset.copy);
  document.addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const writing = e.target.matches("textarea, select, input:not([type=checkbox], [type=range])"), sliding = e.target.matches(".coarse");
    const keys = { ArrowRight: () => go(state.step + 1), ArrowLeft: () => go(state.step - 1), Home: () => go(0), End: () => go(last()),
      " ": play, "/": () => $("find").focus(), "+": () => zoom(1.25), "-": () => zoom(0.8), "0": () => fit(SMALLEST) };
    const moves = { ArrowRight: [60, 0], ArrowLeft: [-60, 0], ArrowDown: [0, 60], ArrowUp: [0, -60] };
    const act = e.shiftKey && moves[e.key] ? () => pan(...moves[e.key]) : keys[e.key];
    if (!act || writing || sliding && e.key.startsWith("Arrow") || e.key === " " && e.target.matches("button, summary, [type=checkbox]")) return;
    e.preventDefault();
    act();
  });
}

const keep = key => { try { localStorage.setItem(key, 1); } catch { /* no memory: it is shown again */ } };
const kept = key => { try { return localStorage.getItem(key); } catch { return null; } };

function once() {  // what does not depend on what is shown
  theme();
  for (const part of document.querySelectorAll(".script")) part.hidden = false;
  document.body.classList.add("scripted");
  $("steps").open = false;
  state.down = narrow();
  buttonsAnswer();
  addEventListener("pagehide", () => { if (later !== null) note(); });
  handle($("figures"));
}

function begin(found, recalled) {  // show a recording, `blank` when its numbers are not filled in; `recalled`: as the link says
  if (playing !== null) play();
  data = found;
  machine = typeof data.graph === "string" ? null : engine(data.graph);
  cannot = machine === null ? data.graph : "";
  Object.assign(state, { view: Object.keys(data.views)[0], step: 0, chosen: null, inputs: {} });
  for (const guessed of Object.keys(guesses)) delete guesses[guessed];
  losses.length = 0;
  for (const name of Object.keys(data.views)) prepare(name);
  for (const v of Object.values(data.views)) { collect(v); boxesAnswer(v); }
  rows = [...document.querySelectorAll("#steps tr[data-step]")].map(row => ({ row, mine: row.dataset.view, step: Number(row.dataset.step) }));
  $("foldLabel").hidden = !(data.views.full && data.views.folded);
  $("blamed").hidden = !view().nodes.some(n => n.lit);
  if (data.stop) $("blamed").textContent = "where it stopped";
  if (recalled) recall();
  $("hint").hidden = state.step > 0 || Boolean(kept("chainrule-hint"));
  linesAnswer();
  if (data.blank || Object.keys(state.inputs).length) recompute();
  sliders();
  Object.values(data.views).forEach(lay);
  show();
  fitted();
}
