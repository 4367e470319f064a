"""What a tool of the suite does with a message: a line of JSON comes, a line of JSON goes."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

import chainrule as cr

Message = dict[str, Any]
Wrap = Callable[[Callable[..., Any]], Callable[..., Any]]
Prepared = tuple[Callable[[], Any], Callable[[Any], Any]]
"""What is timed, and what makes JSON of its result."""

EVALS = ("hello", "gmm", "ba", "ht", "lstm", "kmeans", "llsq", "lse", "ode", "det", "particle", "saddle")


def plain(f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` as it is: what a tool without jit runs."""
    return f


class Tool:
    """Chainrule as a tool; `wrap` is `cr.jit`, or `plain`.

    >>> tool = Tool(plain)
    >>> tool.answer({"id": 1, "kind": "define", "module": "hello"})
    {'id': 1, 'success': True}
    >>> tool.answer({"id": 2, "kind": "evaluate", "module": "hello", "function": "double", "input": 4.0})["output"]
    8.0
    """

    def __init__(self, wrap: Wrap) -> None:
        self.wrap, self._made = wrap, dict[Any, Callable[..., Any]]()

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The wrapped function, the same one each time it is asked for."""
        if f not in self._made:
            self._made[f] = self.wrap(f)
        return self._made[f]

    def answer(self, message: Message) -> Message:
        """The response to one message."""
        response: Message = {"id": message["id"]}
        try:
            if message["kind"] == "start":
                return response | {"tool": "chainrule", "config": {"version": cr.__version__}}
            if message["kind"] == "define":
                return response | {"success": message["module"] in EVALS}
            if message["kind"] == "evaluate":
                return response | self._evaluated(message)
        except Exception as error:
            return response | {"success": False, "error": "".join(traceback.format_exception(error))}
        return response

    def _evaluated(self, message: Message) -> Message:
        module, given = import_module(f"benchmarks.gradbench.{message['module']}"), message["input"]
        run, as_json = module.FUNCTIONS[message["function"]](given, self)
        runs, seconds = (given.get("min_runs", 1), given.get("min_seconds", 0)) if isinstance(given, dict) else (1, 0)
        timings: list[Message] = []
        total, result = 0, None
        while len(timings) < max(runs, 1) or total < seconds * 1e9:
            start = time.perf_counter_ns()
            result = run()
            taken = time.perf_counter_ns() - start
            timings.append({"name": "evaluate", "nanoseconds": taken})
            total += taken
        return {"success": True, "output": as_json(result), "timings": timings}

    def answers(self, lines: Iterable[str]) -> Iterator[str]:
        """The responses to lines of JSON."""
        for line in lines:
            yield json.dumps(self.answer(json.loads(line)))
