"""Packs: single numbers of a program that are computed in the same way, by the same operations from elements of the
same arrays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from chainrule.jit.passes.cse import settings_key
from chainrule.jit.plan.kinds import FLOATS, Kind, kind_of
from chainrule.jit.program import CONSTANT, Program, Step

LEAST = 16
"""Numbers of a pack; fewer stay as they are."""

TERMS = 9
"""Terms from which on a sum is one over an array; fewer are added one by one."""

JOINS = ("elements", "stack")

LEFT = 64
"""Numbers that may be left in packs of fewer."""


class Term(NamedTuple):
    """What a sum adds up, or subtracts."""

    step: Step
    adds: bool


class Link(NamedTuple):
    """A sum in a chain of them, known by its last: `before` is the one before, to which it adds `term`."""

    chain: Step
    before: Step
    term: Step


@dataclass(eq=False, slots=True)
class Pack:
    """Steps of one kind. `terms` are those of each, where they are sums. `running` is what each adds to the one before,
    the first one to `start`."""

    steps: list[Step] = field(default_factory=list)
    terms: list[list[Term]] = field(default_factory=list)
    running: list[Step] = field(default_factory=list)
    start: Step | None = None


@dataclass(eq=False, slots=True)
class Packs:
    """source  for each single number what tells the numbers that may be arguments of one pack: a Pack, the array of
               which it is an element, or itself
    place      which one it is in its pack or array
    inner      sums inside of other sums
    """

    source: dict[Step, Hashable] = field(default_factory=dict)
    place: dict[Step, int] = field(default_factory=dict)
    inner: set[Step] = field(default_factory=set)
    sums: dict[Step, list[Term]] = field(default_factory=dict)
    broken: set[Step] = field(default_factory=set)


def found(program: Program) -> Packs | None:
    """The packs of a program; None where more than LEFT numbers are in none, as those of a recurrence are, or
    sums are of many lengths."""
    steps = program.steps()
    sums, inner = _sums(program, steps)
    if len({(len(terms), sum(adds for _, adds in terms)) for terms in sums.values()}) > LEAST:
        return None  # as of pairs: what each is added to has no order
    roles, running = _roles(steps, sums), _running(steps, inner | {*sums})
    alone: set[Step] = set()
    while len(alone) <= LEFT:
        packs = _packs(steps, sums, inner, roles, running, alone)
        if packs is None:
            return None
        if packs.broken:
            running = {s: link for s, link in running.items() if link.chain not in packs.broken}
            continue
        small = {s for s, pack in packs.source.items() if isinstance(pack, Pack) and len(pack.steps) < LEAST}
        if not small:
            _order(packs, sums, list(dict.fromkeys(pack for pack in packs.source.values() if isinstance(pack, Pack))))
            return packs
        alone |= small  # and what is computed from them is looked at again
    return None


def _running(steps: list[Step], done: set[Step]) -> dict[Step, Link]:
    """Chains of sums each of which adds a number to the one before, and is read by others, too."""
    adding: dict[Step, tuple[Step, Step]] = {}
    length: dict[Step, int] = {}
    for step in steps:
        if step.op == "add" and not step.shape and step.dtype in FLOATS and step not in done:
            a, b = step.args
            adding[step] = (a, b) if length.get(a, 0) >= length.get(b, 0) else (b, a)
            length[step] = length.get(adding[step][0], 0) + 1
    found: dict[Step, Link] = {}
    for last in reversed(adding):
        chain: list[Step] = []
        step = last
        while step in adding and step not in found:
            chain.append(step)
            step = adding[step][0]
        if len(chain) >= LEAST:
            found |= {s: Link(last, *adding[s]) for s in chain}
    return found


def _roles(steps: list[Step], sums: dict[Step, list[Term]]) -> dict[Step, set[Step | None]]:
    """For what sums add up and arrays are put together from, these sums, if they are few, and arrays: numbers computed
    alike for different purposes are different packs, each in the order in which it is used."""
    roles: dict[Step, set[Step | None]] = defaultdict(set)
    for total, terms in sums.items():
        for term in terms:
            roles[term.step].add(total if len(sums) < LEAST else None)
    for step in steps:
        if step.op in JOINS:
            for a in step.args:
                roles[a].add(step)
    return roles


def _packs(
    steps: list[Step],
    sums: dict[Step, list[Term]],
    inner: set[Step],
    roles: dict[Step, set[Step | None]],
    running: dict[Step, Link],
    alone: set[Step],
) -> Packs | None:
    """The packs where those in `alone` are in none; None where some are too small."""
    packs, most = Packs(inner=inner), LEFT + len(steps) // LEAST
    by_key: dict[Hashable, Pack] = {}
    chains: dict[Step, Pack] = {}
    computed: set[Hashable] = set()  # what is known to be computed element by element
    source, place = packs.source, packs.place
    for step in steps:
        if step.shape or step in inner:
            continue
        key: Hashable = None
        terms = sums.get(step)
        if step.op == CONSTANT:
            source[step] = ("constant", step.dtype.num)
        elif step.op == "getitem":
            at = _element(step)
            if at is not None:
                source[step], place[step] = step.args[0], at
        elif step in running:
            chain, before, term = running[step]
            pack = chains.get(chain)
            if pack is None:
                pack = chains[chain] = Pack(start=before)
            elif source[term] != source[pack.running[0]]:
                packs.broken.add(chain)  # it depends on the sums so far
            source[step], place[step] = pack, len(pack.steps)
            pack.steps.append(step)
            pack.running.append(term)
        elif step in alone:
            if terms is not None:
                packs.sums[step] = terms
        elif terms is not None:
            key = ("sum", step.dtype.num, frozenset((source[t.step], t.adds) for t in terms))
        elif step.args and not any(a.shape for a in step.args):
            own = settings_key(step.settings) if step.settings else None
            key = (step.op, step.dtype.num, own, *[source[a] for a in step.args])
            if key not in computed and kind_of(step, False) is not Kind.ELEMENTWISE:
                key = None
            computed.add(key)
        if key is not None:
            key = (key, frozenset(roles[step])) if step in roles else key
            pack = by_key.setdefault(key, Pack())
            if len(by_key) > most:
                return None
            source[step], place[step] = pack, len(pack.steps)
            pack.steps.append(step)
            if terms is not None:
                pack.terms.append(terms)
        elif step not in source:
            source[step] = step
    return packs


def _order(packs: Packs, sums: dict[Step, list[Term]], each: list[Pack]) -> None:
    """Sorts the steps of packs, which come in the order of their work, by the places of their arguments; terms by the
    sums that they belong to."""
    place = packs.place
    belongs: dict[Step, int] = {}
    for k, terms in enumerate(sums.values()):
        for term in terms:
            belongs.setdefault(term.step, k)
    for pack in each:
        if pack.running:
            continue
        if pack.terms:
            pack.terms = [sorted(terms, key=lambda t: place.get(t.step, 0)) for terms in pack.terms]
            keys = [[place.get(t.step, 0) for t in terms] for terms in pack.terms]
        else:
            keys = [[belongs.get(s, 0), *[place.get(a, 0) for a in s.args]] for s in pack.steps]
        order = sorted(range(len(keys)), key=keys.__getitem__)
        pack.steps = [pack.steps[k] for k in order]
        pack.terms = [pack.terms[k] for k in order] if pack.terms else []
        place.update(zip(pack.steps, range(len(order)), strict=True))


def _element(step: Step) -> int | None:
    """Which element of its argument a step is, in the order of its memory; None for other steps."""
    (x,), index = step.args, step.settings["index"]
    index = index if type(index) is tuple else (index,)
    if len(index) != len(x.shape) or not all(isinstance(k, (int, np.integer)) for k in index):
        return None
    flat = 0
    for k, n in zip(index, x.shape, strict=True):
        flat = flat * n + int(k) % n
    return flat


def _sums(program: Program, steps: list[Step]) -> tuple[dict[Step, list[Term]], set[Step]]:
    """The terms of sums of many numbers, and the sums inside of them."""
    uses = Counter(a for s in steps for a in s.args)
    uses.update([*program.outputs, *(g.step for g in program.guards)])
    adding = {s for s in steps if s.op in ("add", "subtract") and not s.shape and s.dtype in FLOATS}
    within = {a for s in adding for a in s.args if a in adding and uses[a] == 1 and a.dtype == s.dtype}
    sums: dict[Step, list[Term]] = {}
    inner: set[Step] = set()
    for top in [s for s in steps if s in adding and s not in within]:
        terms: list[Term] = []
        nested: list[Step] = []
        pending = [Term(top, True)]
        while pending:
            step, adds = pending.pop()
            if step is not top and step not in within:
                terms.append(Term(step, adds))
                continue
            nested.append(step)
            a, b = step.args
            pending += [Term(b, adds == (step.op == "add")), Term(a, adds)]
        if len(terms) >= TERMS:
            sums[top] = terms
            inner.update(nested[1:])
    return sums, inner
