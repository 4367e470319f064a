"""The loss of a recurrent network whose matrices are diagonal, on a text of bits."""

from __future__ import annotations

from typing import Any

import numpy as np

import chainrule as cr
from benchmarks.gradbench.tool import Prepared, Tool


def step(main: Any, extra: Any, state: Any, x: Any) -> Any:
    """The prediction for one character, and the state behind it. Of each layer `main` has the weights of its four
    gates, then their biases; `state` has what it gave last, then its memory."""
    x, after, bits = x * extra[0], [], x.shape[0]
    for k in range(0, len(state), 2):
        (forget, taken, out, change), bias = main[k].reshape(4, bits), main[k + 1].reshape(4, bits)
        given, memory = state[k], state[k + 1]
        memory = memory * cr.sigmoid(x * forget + bias[0])
        memory = memory + cr.sigmoid(given * taken + bias[1]) * np.tanh(given * change + bias[3])
        x = cr.sigmoid(x * out + bias[2]) * np.tanh(memory)
        after += [x, memory]
    return x * extra[1] + extra[2], after


def objective(main: Any, extra: Any, state: Any, sequence: Any) -> Any:
    total: Any = 0.0
    for t in range(len(sequence) - 1):
        guess, state = step(main, extra, state, sequence[t])
        total = total + np.sum(sequence[t + 1] * (guess - np.log(np.sum(np.exp(guess)) + 2.0)))
    return -total / ((len(sequence) - 1) * sequence.shape[1])


gradient = cr.grad(objective, argnums=(0, 1))


def _of(f: Any, as_json: Any) -> Any:
    def prepared(given: Any, tool: Tool) -> Prepared:
        args, run = [np.array(given[name]) for name in ("main_params", "extra_params", "state", "sequence")], tool(f)
        return lambda: run(*args), as_json

    return prepared


FUNCTIONS: dict[str, Any] = {
    "objective": _of(objective, float),
    "jacobian": _of(gradient, lambda found: [float(x) for part in found for x in np.ravel(part)]),
}
