"""Policies that are trained by what they did: `policy_forward(x) -> p, h` step by step, and
`policy_backward(eph, epdlogp)` of a whole episode at once, which gives the gradients of the module's weights in a dict.

With p = sigmoid(logit) and a the action, d log P(a) / d logit = a - p; with p = softmax(scores) it is onehot(a) - p. So
for steps with slopes d_t the gradients are those of sum_t d_t * logit_t, or sum_t <d_t, log p_t> where the d_t sum to 0
(Williams, Simple statistical gradient-following algorithms, 1992).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from chainrule.check.backward.checking import check_backward
from chainrule.check.claims.claim import Claim
from chainrule.check.judges.said import codes, read_as
from chainrule.check.verdict import Verdict
from chainrule.signatures import needed

STEPS = 5
Arrays = dict[str, Any]


def by_policy(claim: Claim, settings: Mapping[str, Any]) -> Any:
    """The report on a backward pass of an episode; None where it is something else."""
    space: Arrays = getattr(claim.function, "__globals__", {})
    if len(needed(claim.function)) != 1 or len(needed(claim.derivative)) != 2:
        return None
    for name in dict.fromkeys(n for code in codes(claim.function) for n in code.co_names):
        weights = space.get(name)
        if not isinstance(weights, dict) or not weights or not all(map(_is_weight, weights.values())):
            continue
        for width in dict.fromkeys(n for w in weights.values() for n in w.shape[::-1]):
            try:
                episode = Episode(claim, space, name, width)
                given = episode.gradients(weights)
                if isinstance(given, dict) and set(given) <= set(weights):
                    return episode.check(settings)
            except Exception:  # of another width, or no policy
                continue
    return None


class Episode:
    """Steps of a policy whose weights are the entries of a dict of the module."""

    def __init__(self, claim: Claim, space: Arrays, name: str, width: int) -> None:
        random = np.random.default_rng(0)
        self.claim, self.space, self.name = claim, space, name
        self.inputs = random.normal(size=(STEPS, width))
        outputs = [claim.function(x.copy()) for x in self.inputs]
        self.single = np.size(outputs[0][0]) == 1
        self.slopes = random.normal(size=(STEPS, *(() if self.single else np.shape(outputs[0][0]))))
        if not self.single:
            self.slopes = self.slopes - self.slopes.mean(axis=-1, keepdims=True)

    def value(self, weights: Arrays) -> Any:
        """sum_t d_t * logit_t, or sum_t <d_t, log p_t>."""
        with self._module(weights):
            chances = [self.claim.function(x.copy())[0] for x in self.inputs]
        if self.single:
            return sum(d * (np.log(p) - np.log(1 - p)) for d, p in zip(self.slopes, chances, strict=True))
        return sum(np.sum(d * np.log(p)) for d, p in zip(self.slopes, chances, strict=True))

    def gradients(self, weights: Arrays) -> Any:
        """What the backward pass gives; inputs that it reads from the module, by a name of its own, are supplied."""
        with self._module(weights):
            hidden = np.array([np.ravel(self.claim.function(x.copy())[1]) for x in self.inputs])
            slopes = self.slopes[:, None] if self.single else self.slopes
            known = [n for n in self.claim.derivative.__code__.co_names if _is_stack(self.space.get(n), self.inputs)]
            self.space.update(dict.fromkeys(known, self.inputs))
            try:
                return self.claim.derivative(hidden, slopes.copy())
            except NameError as error:
                with _named(self.space, str(error.name), self.inputs):
                    return self.claim.derivative(hidden, slopes.copy())

    def check(self, settings: Mapping[str, Any]) -> Any:
        def forward(weights: Arrays) -> Any:
            return np.squeeze(self.value(weights)), weights

        def backward(dout: Any, weights: Arrays) -> Any:
            return {k: dout * np.asarray(g) for k, g in self.gradients(weights).items()}

        backward.__name__ = self.claim.name
        weights = copy.deepcopy(self.space[self.name])
        report = check_backward(forward, backward, (weights,), names=[self.name], **settings)
        if report.verdict is Verdict.WRONG and not report.causes:
            return None  # it may be something else
        return read_as(report, "the gradient of the logarithms of chances, weighted step by step")

    @contextmanager
    def _module(self, weights: Arrays) -> Iterator[None]:
        """The module with other weights; its names are put back."""
        before = dict(self.space)
        self.space[self.name] = dict(weights)
        try:
            yield
        finally:
            self.space.update(before)


@contextmanager
def _named(space: Arrays, name: str, value: Any) -> Iterator[None]:
    space[name] = value
    try:
        yield
    finally:
        del space[name]


def _is_weight(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind == "f" and x.ndim > 0


def _is_stack(x: Any, inputs: Any) -> bool:
    """Whether something of the module is a stack of inputs, of whatever length."""
    return isinstance(x, np.ndarray) and x.ndim == 2 and x.shape[1] == inputs.shape[1]
