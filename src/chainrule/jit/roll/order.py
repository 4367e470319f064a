"""An order of steps in which repetition lies side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from chainrule.jit.program import Step


def eager(steps: Sequence[Step]) -> list[Step]:
    """The same steps, each as soon as its arguments are there, otherwise in the order given (arguments first).

    A sum that grows in every turn of a user's loop then stands in the turn that adds to it, and not, as the
    order of need has it, behind all turns.
    """
    place = {id(step): k for k, step in enumerate(steps)}
    missing = [0] * len(steps)
    users: list[list[int]] = [[] for _ in steps]
    for k, step in enumerate(steps):
        for needed in {place[id(a)] for a in step.args if id(a) in place}:
            users[needed].append(k)
            missing[k] += 1
    ordered: list[Step] = []
    done = bytearray(len(steps))
    for k in range(len(steps)):
        ready = deque([k] if not done[k] else [])
        while ready:
            now = ready.popleft()
            done[now] = 1
            ordered.append(steps[now])
            for user in users[now]:
                missing[user] -= 1
                if missing[user] == 0:
                    ready.append(user)
    return ordered
