"""Reverse mode: carry a cotangent from a result back through its recording.

Floats that common operators computed are swept without an object for each; of every other node the operator's
row is asked for the shares of its operands.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy import float64, ndarray

import chainrule.carriers.node as graph
import chainrule.native.arrays as arrays
import chainrule.native.buffers as buffers
import chainrule.native.call as call
import chainrule.native.dense as dense
import chainrule.native.flags as flags
import chainrule.native.libm as libm
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
import chainrule.ops.branches as branches
import chainrule.ops.reuse as reuse
import chainrule.sweeps.floats as floats
from chainrule.carriers.assignment import in_place
from chainrule.carriers.node import NOTHING, Detail, Node, operand
from chainrule.libraries import late
from chainrule.numbers import Carrier, Number, differentiated, new_level, primal, shape
from chainrule.ops.arithmetic import add
from chainrule.ops.row import Elementwise, Linear, Reduction, Tangent, applied, multiplied, unbroadcast, zeros_like
from chainrule.recording import order
from chainrule.sweeps.by_hand import HandMade, pull_by_hand
from chainrule.sweeps.cotangents import NOTED, as_of, missing, noting

back_in_range = late("chainrule.sweeps.rescaled.back_in_range")
by_limits = late("chainrule.sweeps.limits.by_limits")


class Adjoints:
    """The nodes that led to a result, operands first, each with the sum of the cotangents sent to it.

    Adjoints live here only, not in the nodes, so sweeps may repeat and run in several threads. Those that are
    floats are kept apart from those that are arrays, carriers or other numbers.

    state   of each node: EMPTY: nothing was sent to it; FLOAT: its adjoint is in `floats`; OTHER: it is in `others`
    last    whether this is the last sweep of the recording: what it has passed is forgotten, to free its memory
    masks   of a sweep by branches: where something was sent to each node (see ops/branches.py)
    left    whether a share left the range of floats: became subnormal, 0 or infinite
    """

    __slots__ = ("floats", "last", "left", "masks", "nodes", "others", "places", "state")

    def __init__(self, nodes: list[Any], last: bool = False) -> None:
        self.nodes, self.last = nodes, last
        self.floats = buffers.doubles(len(nodes))
        self.state = buffers.marks(len(nodes))
        self.others: list[Number] = [None] * len(nodes)
        self.places: dict[int, int] | None = None
        self.masks: list[Any] = []
        self.left = False

    def __dealloc__(self) -> None:
        buffers.release(self.floats)
        buffers.release(self.state)

    def run(self, cotangent: Number) -> None:
        """Carry `cotangent` from the last node to all others. Where that leaves nan, and for carriers, which may hold
        one that is seen later only, again by branches; where a share leaves the range of floats, again in another
        way. For both the recording is needed: of one that is forgotten on the way, `left` is all that is known."""
        last, before = len(self.nodes) - 1, NOTED[0]
        libm.forget_range()
        if nested(memory.sure(self.nodes[last]), cotangent):
            self.last = False
            self.run_by_branches(cotangent)
        else:
            self.run_plainly(cotangent)
            if not self.last and spoiled(self):
                for k in range(last + 1):
                    self.state[k], self.others[k] = flags.EMPTY, None
                self.run_by_branches(cotangent)
                if spoiled(self):
                    by_limits(self, self.nodes, cotangent)
        self.left = self.left or NOTED[0] != before
        if self.left and not self.last:
            back_in_range(self, self.nodes, cotangent, not self.masks)

    def run_plainly(self, cotangent: Number) -> None:
        """`run` once, whatever comes out."""
        last = len(self.nodes) - 1
        send(self, last, cotangent)
        stopped = pass_floats(self, last)
        self.left = libm.left_range()
        if stopped >= 0:
            reuse.inside(without_warnings, (self, stopped), NOTHING)

    def run_by_branches(self, cotangent: Number) -> None:
        """`run` with a mask beside each adjoint: nothing is sent to a branch that was not taken."""
        self.masks = [False] * len(self.nodes)
        with noting():
            self.masks[-1] = branches.arrived(cotangent)
            send(self, len(self.nodes) - 1, cotangent)
            for k in range(len(self.nodes) - 1, -1, -1):
                if self.state[k] and self.masks[k] is not False:
                    pass_by_branches(self, k)
                if self.last:
                    forget(self, k)

    def of(self, node: Any) -> Number:
        """The adjoint of a node; None where nothing was sent."""
        return adjoint(self, place_of(self, node))

    def take(self, node: Any) -> Number:
        """The adjoint of a node, which is then forgotten here; an array is nobody else's."""
        k = place_of(self, node)
        if k < 0 or self.state[k] != 2:
            return adjoint(self, k)
        shared = isinstance(self.others[k], np.ndarray) and not arrays.sole(self.others, k)
        found = reuse.copied(self.others[k]) if shared else self.others[k]
        self.others[k], self.state[k] = None, flags.EMPTY
        return found

    def put(self, k: int, adjoint: Number) -> None:
        """Put another adjoint in the place of that of node number k."""
        self.state[k], self.others[k] = flags.EMPTY, None
        send(self, k, adjoint)

    def reached(self) -> list[tuple[Any, Number]]:
        """Every node with something sent to it, and its adjoint; the result first."""
        pairs = [(self.nodes[k], adjoint(self, k)) for k in range(len(self.nodes) - 1, -1, -1)]
        return [pair for pair in pairs if pair[1] is not None]

    def into_grads(self) -> None:
        """Add the adjoints to the nodes' gradients."""
        for k in range(len(self.nodes) - 1, -1, -1):
            other = self.state[k] == flags.OTHER and type(self.others[k]) is ndarray
            if other and memory.sure(self.nodes[k]).scalar_kind == 0:
                deposit_array(self, k)
            elif self.state[k]:
                deposit(self, k)


def pass_all(found: Adjoints, k: int) -> None:
    """Pass on the adjoints of node number k, which is none of floats, and of those before it."""
    while k >= 0:
        pass_on(found, k)
        if found.last:
            forget(found, k)
        found.left = found.left or libm.left_range()  # NumPy forgets what the processor has noticed
        k = pass_floats(found, k - 1)
        found.left = found.left or libm.left_range()


without_warnings = noting()(pass_all)  # quicker than a block of its own


def pass_by_branches(found: Adjoints, k: int) -> None:
    """Send the shares of a node's adjoint to those of its operands at which something arrives."""
    node: Node = memory.sure(found.nodes[k])
    data = graph.number_of(node)
    ct = as_of(adjoint(found, k), data)
    found.others[k], found.state[k] = ct, flags.OTHER
    if node.code == opcodes.LEAF:
        return
    op, parents, active = node.op, node.parents, node.active
    if op is None or not branches.known(op):
        for parent, share in pull(node, ct):
            send_by_branches(found, place_of(found, parent), share, True, ct)
        return
    for i, share, mask in branches.shares(op, data, node.operands, active, node.settings, ct, found.masks[k]):
        send_by_branches(found, place_of(found, parents[active.index(i)]), share, mask, ct)


def send_by_branches(found: Adjoints, p: int, share: Number, mask: Any, ct: Number) -> None:
    below, above = primal(share), primal(ct)
    if type(below) is float and type(above) is float:
        libm.seen(below, above)
    found.left = found.left or libm.left_range()
    send(found, p, share)
    found.masks[p] = branches.either(found.masks[p], mask)


def nested(root: Node, cotangent: Number) -> bool:
    """Whether the result or its cotangent is a carrier, of floats or arrays, that may be differentiated again."""
    data = graph.number_of(root)
    return (differentiated(data) or differentiated(cotangent)) and multiplied(data, cotangent)


def spoiled(found: Adjoints) -> bool:
    """Whether the adjoint of an input holds nan."""
    for k in range(len(found.nodes)):
        node: Node = memory.sure(found.nodes[k])
        if node.code == opcodes.LEAF and found.state[k] and missing(adjoint(found, k)):
            return True
    return False


def forget(found: Adjoints, k: int) -> None:
    """Give up node number k and its adjoint, unless it is an input: all that needs it was passed before."""
    node: Node = memory.sure(found.nodes[k])
    if node.code != opcodes.LEAF:
        found.others[k], found.state[k], found.nodes[k] = None, flags.EMPTY, None


def adjoint(found: Adjoints, k: int) -> Number:
    """The adjoint of node number k; None where nothing was sent."""
    if k < 0 or found.state[k] == flags.EMPTY:
        return None
    if found.state[k] == flags.OTHER:
        return found.others[k]
    node: Node = memory.sure(found.nodes[k])
    return found.floats[k] if node.scalar_kind != flags.NUMPY else float64(found.floats[k])


def deposit(found: Adjoints, k: int) -> None:
    """Add the adjoint of node number k to its gradient."""
    node: Node = memory.sure(found.nodes[k])
    if found.state[k] == flags.FLOAT and node.scalar_kind and (node.passes == 0 or not graph.has_other_grad(node)):
        node.total = node.total + found.floats[k] if node.passes else found.floats[k]
        if node.passes < 255:
            node.passes += 1
        return
    ct = adjoint(found, k)
    before, passes = node._grad, node.passes
    node._grad = ct if before is None else before + ct
    node.passes = passes + 1 if passes < 255 else passes


def deposit_array(found: Adjoints, k: int) -> None:
    """Add the adjoint of node number k, an array that may be that of other nodes, too, to its gradient."""
    node: Node = memory.sure(found.nodes[k])
    what, passes = graph.detail(node), node.passes
    before, what.grad = [what.grad], None
    if before[0] is not None:
        if arrays.alone(before, 0, found.others[k]):
            dense.add_to(before[0], found.others[k])
        else:
            before[0] = before[0] + found.others[k]
            what.shared = False
        what.grad = before[0]
    else:
        what.shared = not arrays.sole(found.others, k)
        what.grad = found.others[k]
    found.others[k], found.state[k] = None, flags.EMPTY
    node.passes = passes + 1 if passes < 255 else passes


def place_of(found: Adjoints, node: Node) -> int:
    """Where the node is in the list; -1 where it is not. Its mark says so, unless another ordering came between."""
    k = node.mark
    if k < len(found.nodes) and found.nodes[k] is node:
        return k
    if found.places is None:
        found.places = {id(n): i for i, n in enumerate(found.nodes)}
    place: int = found.places.get(id(node), -1)
    return place


def send(found: Adjoints, k: int, share: Number) -> None:
    """Add `share` to the adjoint of node number k."""
    node: Node = memory.sure(found.nodes[k])
    if type(share) is float64 and node.scalar_kind:
        share = float(share)
    if type(share) is float:
        if found.state[k] == flags.EMPTY:
            found.floats[k], found.state[k] = share, flags.FLOAT
            return
        if found.state[k] == flags.FLOAT:
            found.floats[k] += share
            return
    if found.state[k] == flags.EMPTY:
        found.others[k] = share
    elif found.state[k] == flags.OTHER and arrays.alone(found.others, k, share):
        dense.add_to(found.others[k], share)
    else:
        found.others[k] = applied(add, (adjoint(found, k), share), NOTHING)
    found.state[k] = flags.OTHER


def pass_floats(found: Adjoints, k: int) -> int:
    """Pass on the adjoints of node number k and those before it while they are floats of operators with a code;
    the number of the first node that is not so, or -1."""
    while k >= 0:
        node: Node = memory.sure(found.nodes[k])
        if found.state[k] == flags.FLOAT and node.code >= opcodes.ADD:
            pass_float(found, node, found.floats[k])
            if found.last:
                found.nodes[k] = None
        elif found.state[k] and not (node.code == opcodes.LEAF and found.state[k] == flags.FLOAT and node.scalar_kind):
            return k
        k -= 1
    return -1


def pass_float(found: Adjoints, node: Node, ct: float) -> None:
    """Send the shares of `ct` to the operands of a node of floats."""
    left, right, code = node.left, node.right, node.code
    if code == opcodes.ADD:
        if memory.is_node(left):
            send_float(found, memory.sure(left), ct)
        if memory.is_node(right):
            send_float(found, memory.sure(right), ct)
        return
    if code == opcodes.ELEMENT:
        send_element(found, memory.sure(left), right, ct)
        return
    a = value_of(left, node.version)
    b = 0.0 if right is None else value_of(right, node.version)
    if memory.is_node(left):
        send_float(found, memory.sure(left), floats.share(code, 0, ct, node.number, a, b))
    if memory.is_node(right):
        send_float(found, memory.sure(right), floats.share(code, 1, ct, node.number, a, b))


def value_of(x: Any, when: int) -> float:
    """The float that an operand was."""
    if memory.is_node(x):
        node: Node = memory.sure(x)
        return float(operand(x, when)) if graph.changed_since(node, when) else node.number
    return float(x)


def send_float(found: Adjoints, node: Node, share: float) -> None:
    """`send` for a float."""
    k = place_of(found, node)
    if found.state[k] == flags.FLOAT:
        found.floats[k] += share
    elif found.state[k] == flags.EMPTY:
        found.floats[k], found.state[k] = share, flags.FLOAT
    else:
        send(found, k, share)


def send_element(found: Adjoints, node: Node, index: int, share: float) -> None:
    """Send a share to one element of a vector."""
    k = place_of(found, node)
    data = graph.number_of(node)
    if found.state[k] == flags.EMPTY:
        found.others[k], found.state[k] = np.zeros_like(data), flags.OTHER
    if arrays.alone(found.others, k, data):
        found.others[k][index] += share
    else:  # held elsewhere as well, a carrier of a lower level, or of another type
        one = np.zeros_like(data)
        one[index] = share
        found.others[k], found.state[k] = add(adjoint(found, k), one), flags.OTHER


def pass_on(found: Adjoints, k: int) -> None:
    """Send the shares of any node's adjoint to its operands."""
    node: Node = memory.sure(found.nodes[k])
    if node.code == opcodes.GENERAL and node.scalar_kind == 0 and pass_elementwise(found, k, node):
        return
    ct, data = adjoint(found, k), graph.number_of(node)
    if (type(ct) is not float or node.scalar_kind != flags.PYTHON) and not arrays.akin(ct, data):
        ct = as_of(ct, data)
        found.others[k], found.state[k] = ct, flags.OTHER
    if node.code == opcodes.LEAF:
        return
    what = graph.detail(node) if node.code == opcodes.GENERAL else None
    if what is not None and isinstance(what.op, Linear):
        pass_linear(found, what, ct)
    elif what is not None and isinstance(what.op, (Elementwise, Reduction)):
        for i, share in what.op.pull(ct, data, what.operands, what.active, what.settings):
            send(found, place_of(found, what.parents[what.active.index(i)]), share)
    else:
        for parent, share in pull(node, ct):
            send(found, place_of(found, parent), share)


def pass_linear(found: Adjoints, what: Detail, ct: Number) -> None:
    """Send the shares of an adjoint to the operands of a linear operator; into arrays that hold earlier shares, if the
    row says how and nobody else has them."""
    assert isinstance(what.op, Linear)
    row: Linear = what.op
    plain_numbers = type(ct) is float64 or arrays.floating(ct)
    for j in range(len(what.active)):
        i, parent = what.active[j], what.parents[j]
        if i < row.constants:
            continue
        p = place_of(found, parent)
        begun = plain_numbers and found.state[p] == flags.OTHER
        if begun and row.accumulate is not None and arrays.alone(found.others, p, graph.number_of(parent)):
            call.with_settings(row.accumulate, (found.others[p], i, ct, *what.operands), what.settings)
        else:
            send(found, p, call.with_settings(row.adjoint, (i, ct, *what.operands), what.settings))


def pass_elementwise(found: Adjoints, k: int, node: Node) -> bool:
    """Send the shares of an array's adjoint to the operands of an elementwise operator, each computed in one loop;
    False where its row has to be asked for all of them."""
    what = graph.detail(node)
    code, y = what.code, what.data
    if code == 0 or found.state[k] != 2:
        return False
    if code == opcodes.ADD and arrays.akin(found.others[k], y):
        for j in range(len(what.active)):
            ct = found.others[k]
            send(found, place_of(found, what.parents[j]), unbroadcast(ct, shape(what.operands[what.active[j]])))
        return True
    ct = arrays.packed(found.others[k], y)
    if ct is None:
        return False
    assert what.op is not None
    found.others[k] = ct
    a, b = what.operands[0], what.operands[1] if len(what.operands) == 2 else None
    ct = None  # the list alone holds it, or it is not ours to write to
    ours = found.last and arrays.alone(found.others, k, y)
    ct, rest = found.others[k], len(what.active)
    for j in range(len(what.active)):
        i = what.active[j]
        p, rest, x = place_of(found, what.parents[j]), rest - 1, b if i else a
        whole = arrays.alike(x, y)
        if whole and found.state[p] == flags.OTHER and arrays.add_share(found.others, p, code, i, ct, y, a, b):
            found.left = found.left or libm.left_range()
            continue
        if arrays.unscaled(code, i):
            share, ours = ct, False
        else:  # nobody needs an adjoint any more that was passed on for the last time: its memory takes the share
            share = arrays.share(code, i, ct, y, a, b, ct if ours and rest == 0 else None)
        if share is not None:
            found.left = found.left or libm.left_range()
            send(found, p, share if whole else unbroadcast(share, shape(x)))
            continue
        for _, share in what.op.pull(ct, y, what.operands, (i,), what.settings):
            send(found, p, share)
    return True


def run(found: Adjoints, cotangent: Number) -> None:
    """The sweep, in which numbers are what they were when they were recorded."""
    if in_place.ASSIGNED[0]:
        in_place.swept(found.run, cotangent)
    else:
        found.run(cotangent)


def adjoints(root: Any, cotangent: Number, nodes: list[Any] | None = None) -> Adjoints:
    """The adjoints of all nodes that led to `root` when its own is `cotangent`.

    nodes   order(root), when it is known already
    """
    found = Adjoints(order(root) if nodes is None else nodes)
    run(found, cotangent)
    return found


def last_adjoints(nodes: list[Any], cotangent: Number) -> Adjoints:
    """The adjoints of the inputs in a recording that nobody needs any more, given as its ordered nodes. Those of
    all other nodes, and the nodes themselves, are forgotten on the way."""
    found = Adjoints(nodes, True)
    run(found, cotangent)
    return found


def sweep(root: Any, cotangent: Number, nodes: list[Any] | None = None) -> list[tuple[Any, Number]]:
    """Every node that led to `root` with its adjoint, the sum of the cotangents sent to it; root first."""
    return adjoints(root, cotangent, nodes).reached()


def pull(node: Any, ct: Number) -> Iterable[tuple[Any, Number]]:
    """The operands of `node`, each with the cotangent that `ct` on the node sends to it."""
    op, active, parents = node.op, node.active, node.parents
    if isinstance(op, (Tangent, HandMade)):
        return _transpose(node, ct) if isinstance(op, Tangent) else pull_by_hand(node, ct)
    shares = op.pull(ct, node._number, node.operands, active, node.settings)
    if len(active) == 1:
        return [(parents[0], share) for _, share in shares]
    return [(parents[active.index(i)], share) for i, share in shares]


def _transpose(node: Any, ct: Number) -> list[tuple[Any, Number]]:
    """The shares of a node whose row states a tangent: record that expression for unknown tangents, sweep it."""
    op, y, args, active, settings = node.op, node._number, node.operands, node.active, node.settings
    if all(i in op.adjoints for i in active):
        shares = [op.adjoints[i](ct, *args, **settings) for i in active]
        return list(zip(node.parents, shares, strict=True))
    level = new_level()
    tangents: list[Number] = [zeros_like(x) for x in args]
    for i in active:
        tangents[i] = type(node).leaf(tangents[i], level)
    moved = op.rule(y, args, tangents, **settings)
    found = None
    if isinstance(moved, Carrier) and moved.level == level:
        found = adjoints(moved, ct)
    sent = [None if found is None else found.of(tangents[i]) for i in active]
    shares = [zeros_like(args[i]) if share is None else share for i, share in zip(active, sent, strict=True)]
    return list(zip(node.parents, shares, strict=True))


arrays.start()
memory.start()
