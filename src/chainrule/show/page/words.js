// Numbers in few characters, as Python writes them into the boxes.
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

function spread(xs) {  // many numbers in brief
  if (xs.length === 1) return shown(xs[0]);
  const finite = xs.filter(Number.isFinite), low = Math.min(...finite), high = Math.max(...finite);
  const bad = xs.some(Number.isNaN) ? "NaN" : finite.length < xs.length ? "inf" : "";
  if (!finite.length) return bad;
  return (low === high ? shown(low) : `${shown(low)} … ${shown(high)}`) + (bad && `, ${bad}`);
}

const bracketed = text => text.includes("…") && !text.endsWith(")") ? `(${text})` : text;
const times = (...factors) => factors.filter(Boolean).map(bracketed).join(" × ");

const marked = text => /NaN|inf/.test(text) ? `⚠ ${text}` : text;
