"""The readings of a claim at a point: how it is called, what its answer holds, and which arguments it is by."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from chainrule import trees
from chainrule.check.claimed import Call
from chainrule.check.readings.by_name import by_returned_names, matched
from chainrule.check.readings.callers import Caller, all_needed, callers
from chainrule.check.readings.reading import Reading
from chainrule.check.subject import Subject, flat, is_real, quiet

MOST = 40  # choices of arguments that are tried
Convert = Callable[[Any], Any]


def readings(plain: Reading, args: tuple[Any, ...], names: Any, *, fits: bool) -> Iterator[tuple[Reading, Call, Any]]:
    """The readings of a claim, with its call at the point `args` and its answer, whose form is right there.

    A claim whose answer fits as it stands may only have been called in the wrong way.
    """
    seen: set[Any] = {("", plain.argnums)}
    everything = tuple(movable(args))
    labels = Subject(plain.f, args, names, plain.argnums).names
    for caller in callers(plain.f, plain.df, len(args), labels):
        kind = caller.kind or plain.kind
        if (caller.kind and plain.kind != "gradient") or (fits and not caller.says):
            continue
        for argnums in [plain.argnums] if fits else choices(plain, args, labels):
            try:
                subject = Subject(plain.f, args, names, argnums)
                call = Call(caller.call, kind, subject, subject.call(), 0)
                answers = list(answered(call, plain.df, labels, whole_set=argnums == plain.argnums))
            except Exception:  # the function or the claim does not take arguments like these
                continue
            for says, by, convert, raw in answers[:1] if fits else answers:
                mine = plain.argnums if by == everything else by
                key = (caller.says + says, mine)
                if key in seen:
                    continue
                seen.add(key)
                found = _reading(plain, caller, convert, says, mine, kind, labels)
                try:
                    there = found.at(args, names)
                    if there.read(convert(raw)).values is not None:
                        yield found, there, convert(raw)
                except Exception:  # not this form
                    continue


def _reading(
    plain: Reading, caller: Caller, convert: Convert, says: str, by: Any, kind: str, labels: list[str]
) -> Reading:
    def df(*a: Any) -> Any:
        return convert(caller.call(*a))

    df.__wrapped__ = plain.df  # type: ignore[attr-defined]
    words = [caller.says, says]
    if by != plain.argnums:
        alone = ", ".join(labels[k] for k in by)
        shown = by[0] if len(by) == 1 else by
        words.append(f"the derivative by {alone} alone; argnums={shown} says so")
    kind = "value_and_grad" if says.startswith("value and gradient") else kind
    return Reading(plain.f, df, kind, by, "; ".join(filter(None, words)))


def movable(args: tuple[Any, ...]) -> list[int]:
    """The arguments that hold real numbers."""
    return [k for k, a in enumerate(args) if any(map(is_real, trees.flatten(a)[0]))]


def whole(arg: Any) -> bool:
    """Whether an argument holds whole numbers only: labels, counts and indices do."""
    leaves = [np.asarray(x) for x in trees.flatten(arg)[0] if is_real(x) and not hasattr(x, "detach")]
    return bool(leaves) and all(x.dtype.kind in "iu" for x in leaves)


def choices(plain: Reading, args: tuple[Any, ...], labels: list[str]) -> list[tuple[int, ...] | None]:
    """The arguments a claim may be the derivative by: all, all that are no whole numbers, each single one, others."""
    if plain.argnums is not None:
        return [plain.argnums]
    moving = movable(args)
    real = [k for k in moving if not whole(args[k])]
    singles = [(k,) for k in sorted(moving, key=lambda k: (whole(args[k]), k))]
    subsets = (c for size in range(len(moving) - 1, 1, -1) for c in itertools.combinations(moving, size))
    meant = [c for c in singles if not _beside_predictions(c[0], args, labels)]
    found = [None, tuple(real), *(meant or singles), *itertools.islice(subsets, MOST)]
    return list(dict.fromkeys(c for c in found if c is None or (c and list(c) != moving)))


LABEL = re.compile(r"y(_?true)?|targets?|labels?|gt|ground_?truth", re.IGNORECASE)
PREDICTION = re.compile(r"p|(y_?)?(hat|pred\w*|prob\w*)|logits|scores?", re.IGNORECASE)


def _beside_predictions(k: int, args: tuple[Any, ...], names: list[str]) -> bool:
    """Whether an argument holds labels, by which no loss is differentiated alone where predictions are beside them: of
    the same shape, or for each row."""
    if LABEL.fullmatch(names[k]) is None:
        return False
    sizes = {np.shape(a) for a, n in zip(args, names, strict=False) if PREDICTION.fullmatch(n)}
    mine = np.shape(args[k])
    return any(size == mine or (len(mine) < 2 and mine[:1] == size[:1]) for size in sizes)


# -- what an answer holds -----------------------------------------------------------------------------------------


def answered(call: Call, df: Any, labels: list[str], *, whole_set: bool) -> Iterator[tuple[str, Any, Convert, Any]]:
    """(in words, by which arguments, how to read it, the answer) for each way to read the answer of the claim `df`.

    Entries of a dict say themselves which arguments they are by, so they are read once, with the `whole_set`; so do
    gradients that are returned by names, in another order than the arguments.
    """
    answer = call.raw()
    turned = by_returned_names(df, answer, labels) if call.kind == "gradient" else answer
    if turned is not answer:
        if whole_set:
            for says, mine, convert, _ in held(turned, call.subject, (), "", lambda x: x, answer):

                def by_names(x: Any, convert: Convert = convert) -> Any:
                    return convert(by_returned_names(df, x, labels))

                yield says.replace("entries", "gradients", 1), mine, by_names, answer
        return
    if isinstance(answer, Mapping) and not whole_set:
        return
    subject = call.subject
    by = tuple(subject.argnums)
    yield from held(answer, subject, by, "", lambda x: x, answer)
    if (
        isinstance(answer, (tuple, list))
        and len(answer) == 2
        and call.kind == "gradient"
        and _is_value(call, answer[0])
    ):
        for says, mine, convert, _ in held(answer[1], subject, by, "value and gradient", lambda x: x, answer):
            yield says, mine, _beside(convert), answer
    if callable(answer) and not hasattr(answer, "shape"):
        yield from made(answer, call, by)


def _beside(convert: Convert) -> Convert:
    """A conversion that leaves the value and applies `convert` to the gradient beside it."""
    return lambda x: (x[0], convert(x[1]))


def held(
    answer: Any, subject: Subject, by: Any, says: str, first: Convert, raw: Any
) -> Iterator[tuple[str, Any, Convert, Any]]:
    """The ways to read one answer: by name, as it is, or as one array of all numbers that has to be cut."""
    if isinstance(answer, Mapping):
        found, aside = matched(answer, subject)
        if found:
            mine = tuple(sorted(found))

            def named(x: Any) -> Any:
                parts, _ = matched(x, subject)
                return tuple(parts[k] for k in mine) if len(mine) > 1 else parts[mine[0]]

            note = "entries matched by name" + (f", left aside: {', '.join(aside)}" if aside else "")
            yield "; ".join(filter(None, [says, note])), mine, named, raw
        return
    yield says, by, first, raw
    size = np.shape(answer) if not isinstance(answer, (tuple, list)) or _regular(answer) else ()
    if len(subject.shapes) > 1 and size and size[-1] == subject.n:
        note = "one array of the numbers of all arguments, one after the other"
        yield "; ".join(filter(None, [says, note])), by, lambda x: cut(np.asarray(x), subject), raw


def _regular(answer: Any) -> bool:
    try:
        return bool(np.asarray(answer).dtype.kind in "fiu")
    except ValueError:
        return False


def cut(array: Any, subject: Subject) -> Any:
    """An array whose last axis runs over the numbers of all arguments, cut into one for each argument."""
    parts, start = [], 0
    for size, shape in zip(subject.sizes, subject.shapes, strict=True):
        part = array[..., start : start + size]
        parts.append(part.reshape(part.shape[:-1] + shape))
        start += size
    return tuple(parts)


def _is_value(call: Call, value: Any) -> bool:
    try:
        with quiet():
            mine, due = flat(value), flat(call.value)
            return bool(mine.shape == due.shape and np.allclose(mine, due, rtol=1e-9, atol=1e-300))
    except Exception:  # no numbers
        return False


def made(answer: Any, call: Call, by: Any) -> Iterator[tuple[str, Any, Convert, Any]]:
    """An answer that is a function: called again, at the arguments or with a gradient from above."""
    args = call.subject.arguments()
    if all_needed(answer) != []:
        yield "a function that makes the derivative", by, lambda made: made(*args), answer
