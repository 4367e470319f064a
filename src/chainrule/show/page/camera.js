// Zoom and pan: which part of the picture is seen. Wheel with ctrl, pinch and + - zoom; drag, wheel and shift-arrows move.
const camera = { x: 0, y: 0, scale: 1, own: false, least: 0 };  // `own` once a person has moved it
const SMALLEST = 0.03, LARGEST = 4, PADDING = 18;
const readable = () => narrow() ? 0.55 : 0.7, COMFORTABLE = 0.9, BESIDE = 350;  // the width of what is said beside the picture

const port = () => $("figures").getBoundingClientRect();
const svgOf = v => v.figure.querySelector("svg");

function shift(part) {
  const matrix = part.transform.baseVal.consolidate()?.matrix;
  return [matrix?.e ?? 0, matrix?.f ?? 0];
}

function extent(v = view()) {  // measured once for each way in which it is laid out
  if (!v.extent) {
    const box = v.frame.getBBox(), [dx, dy] = shift(v.frame);
    if (!box.width) return { x: 0, y: 0, w: 1, h: 1 };  // it is not shown
    v.extent = { x: box.x + dx - PADDING, y: box.y + dy - PADDING, w: box.width + 2 * PADDING, h: box.height + 2 * PADDING };
  }
  return v.extent;
}

function fit(least = camera.least || readable()) {  // all of it, but not smaller than can be read
  camera.least = least;
  const p = port(), e = extent();
  if (!p.width || !p.height) return;
  const across = p.width / e.w, low = across > 0.85 * least ? Math.min(across, least) : least;  // a little smaller where all of it fits then
  camera.scale = Math.max(low, Math.min(1.5, across, p.height / e.h));
  camera.x = e.w * camera.scale <= p.width ? e.x + e.w / 2 - p.width / camera.scale / 2 : e.x;
  camera.y = e.h * camera.scale <= p.height || !state.down ? e.y + e.h / 2 - p.height / camera.scale / 2 : e.y;
  camera.own = false;
  look();
}

function look() {  // by a transformation of the whole: with another viewBox the browser would lay out each text anew
  const svg = svgOf(view()), { x, y, w, h } = extent(), s = camera.scale;
  for (const [name, value] of [["width", w], ["height", h], ["viewBox", `${x} ${y} ${w} ${h}`]]) give(svg, name, value);
  svg.style.transform = `translate(${(x - camera.x) * s}px, ${(y - camera.y) * s}px) scale(${s})`;
}

function zoom(factor, at = [port().width / 2, port().height / 2]) {
  const scale = Math.max(SMALLEST, Math.min(LARGEST, camera.scale * factor));
  camera.x += at[0] / camera.scale - at[0] / scale;
  camera.y += at[1] / camera.scale - at[1] / scale;
  camera.scale = scale;
  camera.own = true;
  look();
}

function pan(dx, dy) {  // by pixels; so far that something of the picture stays
  const p = port(), e = extent(), w = p.width / camera.scale, h = p.height / camera.scale;
  const within = (value, low, high) => Math.max(Math.min(low, high), Math.min(Math.max(low, high), value));
  const [x, y] = [camera.x, camera.y];
  camera.x = within(camera.x + dx / camera.scale, e.x - w / 2, e.x + e.w - w / 2);
  camera.y = within(camera.y + dy / camera.scale, e.y - h / 2, e.y + e.h - h / 2);
  camera.own = true;
  look();
  return x !== camera.x || y !== camera.y;
}

function reveal(id) {  // the box into what is seen, where it is not
  const g = view().boxes.get(id), rect = g?.querySelector(".box");
  if (!rect) return;
  const box = Object.fromEntries(["x", "y", "width", "height"].map(name => [name, Number(rect.getAttribute(name))]));
  const [own, all] = [shift(g), shift(view().frame)], p = port();
  const x = box.x + own[0] + all[0], y = box.y + own[1] + all[1], w = p.width / camera.scale, h = p.height / camera.scale;
  if (x >= camera.x && x + box.width <= camera.x + w && y >= camera.y && y + box.height <= camera.y + h) return;
  const margin = 40 / camera.scale;
  const into = (from, size, low, room) => size + 2 * margin > room ? low + size / 2 - room / 2
    : Math.max(low + size + margin - room, Math.min(from, low - margin));
  [camera.x, camera.y] = [into(camera.x, box.width, x, w), into(camera.y, box.height, y, h)];
  look();
}

function handle(figures) {
  const touches = new Map();
  let moved = 0, gap = 0;
  const inside = e => [e.clientX - port().left, e.clientY - port().top];
  figures.addEventListener("wheel", e => {
    const unit = e.deltaMode ? 16 : 1;
    if (e.ctrlKey || e.metaKey) zoom(Math.exp(-e.deltaY * unit / 200), inside(e));
    else if (!pan(e.shiftKey ? e.deltaY * unit : e.deltaX * unit, e.shiftKey ? 0 : e.deltaY * unit)) return;
    e.preventDefault();
  }, { passive: false });
  figures.addEventListener("pointerdown", e => {
    if (e.button) return;
    touches.set(e.pointerId, inside(e));
    moved = 0;
  });
  figures.addEventListener("pointermove", e => {
    const before = touches.get(e.pointerId), at = inside(e);
    if (!before) return;
    moved += Math.hypot(at[0] - before[0], at[1] - before[1]);
    if (moved > 4 && !figures.hasPointerCapture(e.pointerId)) figures.setPointerCapture(e.pointerId);
    touches.set(e.pointerId, at);
    if (touches.size === 2) {
      const [a, b] = [...touches.values()], wide = Math.hypot(a[0] - b[0], a[1] - b[1]);
      if (gap) zoom(wide / gap, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
      gap = wide;
    } else if (moved > 4) {
      figures.classList.add("dragging");
      pan(before[0] - at[0], before[1] - at[1]);
    }
  });
  const end = e => { touches.delete(e.pointerId); gap = 0; figures.classList.remove("dragging"); };
  for (const kind of ["pointerup", "pointercancel"]) figures.addEventListener(kind, end);
  figures.addEventListener("click", e => { if (moved > 4) { e.stopPropagation(); e.preventDefault(); } }, true);
  new ResizeObserver(() => camera.own ? look() : fitted()).observe(figures);
}

function arrange() {  // a long picture over the whole width, with what is said of it below; others beside it
  const main = document.querySelector("main"), e = extent(), room = main.clientWidth, tall = e.h * Math.min(1, Math.max(readable(), room / e.w));
  const wide = innerWidth > 800 && (room - BESIDE) / e.w < COMFORTABLE && tall < 0.45 * innerHeight;
  mark(main, "wide", wide);
  $("figures").style.height = wide ? `${Math.max(200, tall + 30)}px` : "";
}

function fitted() {  // the whole, then what the step is about
  arrange();
  fit();
  reveal(now()[1].id);
  camera.own = false;
}
