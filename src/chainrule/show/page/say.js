// Each step in words and signs.
const WORDS = {
  gradient: "How much the result changes when this value changes a little, per unit: 3 means that 0.01 more here makes "
    + "the result about 0.03 larger.",
  "local derivative": "How much one operation's result changes when one of its operands does. It knows nothing of the "
    + "rest of the graph.",
  "from above": "The gradient of the box that uses this value. It is known already: gradients come from the result back.",
  "chain rule": "What a value sends through one use is from above × local derivative. Where a value is used several "
    + "times, all that arrives is added up.",
};

function word(name, text = name) {  // a word that explains itself at a touch
  const button = element("button", { className: "word", type: "button", textContent: text, title: WORDS[name] });
  button.onclick = () => {
    const open = button.nextElementSibling?.className === "gloss";
    document.querySelectorAll(".gloss").forEach(g => g.remove());
    if (!open) button.after(element("span", { className: "gloss", textContent: WORDS[name] }));
  };
  return button;
}

const term = e => times(e.weight, e.partial || "its derivative");
const sends = n => view().into.get(n.id).filter(e => !e.constant);

function sentence(phase, n) {  // for the line that is read aloud
  const end = data.stop && state.step === view().steps.length - 1 ? `; here the function ${data.stop}` : "";
  if (phase === "forward") {
    if (n.op || end) return `${n.title} is computed: ${n.formula && !end ? `${n.formula} = ` : ""}${n.text}${end}`;
    return `input ${n.title} is ${n.text}`;
  }
  const to = sends(n);
  if (state.predict) return to.length ? `${n.title} sends its gradient times each local derivative back` : `the gradient of ${n.title} is complete`;
  const start = isRoot(n) ? `start at the result: grad ${n.gradient}. ` : `the gradient of ${n.title} is complete: ${n.gradient}. `;
  if (!to.length) return start.trim();
  return `${start}It sends ${to.map(e => `${term(e)}${e.sent ? ` = ${e.sent}` : ""} to ${view().by.get(e.from).title}`).join(", ")}.`;
}

function why() {  // what the current step does, and by which rule
  const [phase, n] = now(), box = $("why");
  box.replaceChildren();
  if (data.stop || phase === "forward") {
    box.append(element("p", { className: "soft", textContent: n.op
      ? "Forward: each box computes its value from those before it."
      : "Forward: the inputs are given." }));
    return;
  }
  if (isRoot(n)) box.append(element("p", {}, "The result by itself: when it grows by 1 it grows by 1, so its ",
    word("gradient"), " is 1. From here gradients go back."));
  for (const e of sends(n)) box.append(share(e, n));
  if (!sends(n).length) box.append(element("p", { className: "soft", textContent: "An input: nothing lies before it, the way back ends here." }));
}

function share(e, n) {  // from above × local, the rule in letters, and where it is added
  const to = view().by.get(e.from), terms = view().terms.get(to.id), come = arrived(to), hide = state.predict;
  const before = come.slice(0, come.indexOf(e)), several = terms.length > 1;
  const product = element("div", { className: "product" },
    element("span", { className: "factor above" }, element("b", { textContent: hide ? "?" : e.weight }), word("from above")), "×",
    element("span", { className: "factor local" }, element("b", { textContent: hide ? "?" : e.partial || "its derivative" }), word("local derivative", "local")),
    "=", element("span", { className: "factor sent" }, element("b", { textContent: hide ? "?" : e.sent || "…" }), element("span", { textContent: "sent back" })));
  const rule = e.rule && e.rule.replace(/(, for .*)?$/, said => (hide || !isNumber(e.d) || e.rule.includes(`= ${e.partial}`) ? "" : ` = ${e.partial}`) + said);
  const sum = !several ? `${to.title} is used here only: this is its whole gradient`
    : `added at ${to.title}: ${hide ? "" : before.length ? `${total(before)} + ${bracketed(e.sent)} = ${total([...before, e])} ` : `${e.sent} `}(use ${before.length + 1} of ${terms.length})`;
  return element("section", { className: "share" }, element("h3", { textContent: `to ${to.title}` }),
    rule && element("p", { className: "mono rule", textContent: rule }), product,
    element("p", { className: "soft added", textContent: n.count > 1 || to.count > 1 ? "" : sum }),
    !hide && e.weight === "0" && /inf/.test(e.partial) ? element("p", { className: "soft", textContent: "0 × inf is no number. "
      + (/NaN/.test(e.sent) ? "grad looks for a limit at such a point; this page, moved there, does not."
        : "What is sent is the limit, or 0 from a branch that was not taken.") }) : null);
}
