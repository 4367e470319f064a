"""Nets whose backward pass starts from labels, judged by their cost, or by the usual one that is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chainrule.check.backward.checking import check_backward
from chainrule.check.judges.propagation import Net, agreeing, usual_costs, works
from chainrule.check.judges.said import read_as
from chainrule.check.verdict import Verdict
from chainrule.errors import ArgumentError

MOST = 4  # nets of one number of layers, of other outputs and labels


def by_cost(nets: Iterator[Net], name: str, settings: Mapping[str, Any]) -> Any:
    """The report on the first net that is right among those of the number of layers that runs first.

    Raises ArgumentError where none runs, or where no cost is known.
    """
    first, size, ran = None, None, 0
    for net in nets:
        if (ran and net.size != size) or ran == MOST:
            break
        if not works(net):
            continue
        ran, size = ran + 1, net.size
        report = at_net(net, settings)
        if report is not None and report.verdict is Verdict.CORRECT:
            return report
        first = first if report is None or first is not None else report
    if first is not None:
        return first
    why = (
        "no cost was found that its gradients belong to" if ran else "no parameters and labels were found that it takes"
    )
    raise ArgumentError(f"{name}: {why}; write the cost as a function of the file, or use check_backward")


def at_net(net: Net, settings: Mapping[str, Any]) -> Any:
    """The report on one net; None where its cost is not known."""
    says, cost = "", net.cost
    if cost is None:
        found = [(len(agreeing(net, cost)), words, cost) for words, cost in usual_costs(net.labels)]
        most, words, cost = max(found, key=lambda row: row[0])
        if not most:
            return None
        says = f"the gradient of {words}, since the file holds no cost"
    forward, backward = net.passes(cost)
    report = check_backward(
        forward, backward, at=tuple(net.parameters.values()), names=list(net.parameters), **settings
    )
    return read_as(report, says) if says else report


__all__ = ["by_cost"]
