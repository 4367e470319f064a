"""An order of steps in which repetition lies side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence

from chainrule.jit.program import Step, times


def repeating(
    steps: Sequence[Step], after: Mapping[int, Step] | None = None, still: Collection[int] = ()
) -> list[Step]:
    """`steps` in the order of the recording, but for the last reader of a value: that comes as soon as it can.

    `steps` hold arguments before their users; `after` names, by the identity of an argument that is not among them,
    the step that has to come before. Those whose identities are in `still` come when they were recorded, and no sooner.

    A backward sweep records its iterations one after the other, as the function did its own. A sum that grows in every
    iteration is another matter: passes put it together behind all iterations. Its terms, and the sums so far, have no
    other reader, so that it comes back to the iteration that adds to it, and no term has to be kept.
    """
    when, after = times(steps), after or {}
    steps = sorted(steps, key=when.__getitem__)
    place = {id(step): k for k, step in enumerate(steps)}
    needs = [[id(after.get(id(a), a)) for a in step.args] for step in steps]
    needs = [list(dict.fromkeys(place[a] for a in needed if a in place)) for needed in needs]
    users: list[list[int]] = [[] for _ in steps]
    left = [0] * len(steps)  # readers that are not done
    last = [0] * len(steps)  # the exclusive or of their numbers: where one is left, its number
    for k, needed in enumerate(needs):
        for a in needed:
            users[a].append(k)
            left[a] += 1
            last[a] ^= k
    missing = [len(needed) for needed in needs]
    movable = [id(step) not in still for step in steps]
    ordered: list[Step] = []
    done = bytearray(len(steps))
    for k in range(len(steps)):
        ready = deque([] if missing[k] else [k])
        while ready:
            now = ready.popleft()
            if done[now]:
                continue
            done[now] = 1
            ordered.append(steps[now])
            for a in needs[now]:
                left[a] -= 1
                last[a] ^= now
                if left[a] == 1 and not missing[last[a]] and (last[a] < k or movable[last[a]]):
                    ready.append(last[a])
            for user in users[now]:
                missing[user] -= 1
                if not missing[user] and (user < k or (movable[user] and any(left[a] == 1 for a in needs[user]))):
                    ready.append(user)
    return ordered
