"""Nets whose backward pass starts from labels, judged by their cost, or by the usual one that is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from chainrule.check.backward.checking import check_backward
from chainrule.check.judges.from_labels.propagation import Arrays, Net, agreeing, nearly_works, usual_costs, works
from chainrule.check.judges.said import read_as
from chainrule.check.verdict import Verdict
from chainrule.errors import ArgumentError

Cost = Callable[[Arrays], Any]
MOST = 4  # nets of one number of layers, of other outputs and labels


def by_cost(nets: Iterator[Net], name: str, settings: Mapping[str, Any]) -> Any:
    """The report on the net of the file's own sizes, where there is one; else on the first that is right among those of
    the number of layers that runs first.

    Raises ArgumentError where none runs, or where no cost is known.
    """
    first, size, ran = None, None, 0
    nearly: list[Net] = []
    for net in nets:
        if (ran and net.size != size) or ran == MOST:
            break
        if net.seen:
            if (works(net) or nearly_works(net)) and (known := costed(net))[1] is not None and known[2]:
                return at_net(net, known[0], known[1], settings)
            continue
        if not works(net):
            nearly += [net] if len(nearly) < MOST and nearly_works(net) else []
            continue
        ran, size = ran + 1, net.size
        says, cost, agree = costed(net)
        if cost is None:
            continue
        if agree == set(net.slopes(list(net.parameters.values()))):
            report = at_net(net, says, cost, settings)
            if report.verdict is Verdict.CORRECT:
                return report
        first = first or (net, says, cost)
    if first is not None:
        return at_net(*first, settings)
    for net in nearly if not ran else ():
        says, cost, agree = costed(net)
        if cost is not None and agree:  # what is right besides says that this is the net, and this the cost
            return at_net(net, says, cost, settings)
    why = (
        "no cost was found that its gradients belong to" if ran else "no parameters and labels were found that it takes"
    )
    raise ArgumentError(f"{name}: {why}; write the cost as a function of the file, or use check_backward")


def costed(net: Net) -> tuple[str, Cost | None, set[str]]:
    """The cost of a net, with the parameters whose gradients are its: that of the file, or of the usual ones that with
    most of them, said in words. None where none has any."""
    if net.cost is not None:
        return "", net.cost, agreeing(net, net.cost)
    found = [(agreeing(net, cost), words, cost) for words, cost in usual_costs(net.labels)]
    most, words, cost = max(found, key=lambda row: len(row[0]))
    return f"the gradient of {words}, since the file holds no cost", cost if most else None, most


def at_net(net: Net, says: str, cost: Cost, settings: Mapping[str, Any]) -> Any:
    """The report on one net."""
    forward, backward = net.passes(cost)
    place = tuple(net.parameters.values())
    report = check_backward(forward, backward, at=place, names=list(net.parameters), **settings)
    return read_as(report, says) if says else report
