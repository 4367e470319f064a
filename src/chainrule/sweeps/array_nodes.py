"""Only speed: arrays in a sweep. Shares are computed in one loop, and added to arrays without other references."""

from __future__ import annotations

from typing import Any

from numpy import float64, ndarray

import chainrule.carriers.node as graph
import chainrule.native.arrays as arrays
import chainrule.native.call as call
import chainrule.native.flags as flags
import chainrule.native.libm as libm
import chainrule.native.memory as memory
import chainrule.native.opcodes as opcodes
from chainrule.carriers.detail import Detail
from chainrule.carriers.node import Node, Outline
from chainrule.numbers import Number, shape
from chainrule.ops.broadcasting import unbroadcast
from chainrule.ops.kinds import Linear
from chainrule.sweeps.adjoints import Adjoints
from chainrule.sweeps.cotangents import as_of


def pass_array(found: Adjoints, k: int, node: Node) -> bool:
    """Bring the adjoint of a node to the type of its number, and send the shares to the operands, if that can be done
    in fewer passes than its row would take; False where the row has to be asked."""
    general = node.code == opcodes.GENERAL
    if general and node.scalar_kind == 0 and pass_elementwise(found, k, node):
        return True
    ct, data = found.at(k), graph.remains(node)
    if type(data) is Outline and not fits(data, ct):
        data = graph.number_of(node)
    settled = type(data) is Outline or (type(ct) is float and node.scalar_kind == flags.PYTHON)
    if not settled and not arrays.akin(ct, data):
        ct = as_of(ct, data)
        found.others[k], found.state[k] = ct, flags.OTHER
    if not general or not isinstance(graph.detail(node).op, Linear):
        return False
    pass_linear(found, graph.detail(node), ct)
    return True


def pass_linear(found: Adjoints, what: Detail, ct: Number) -> None:
    """Send the shares of an adjoint to the operands of a linear operator; into arrays that hold earlier shares, if the
    row says how and they have no other references."""
    assert isinstance(what.op, Linear)
    row: Linear = what.op
    plain_numbers = type(ct) is float64 or arrays.floating(ct)
    for j in range(len(what.active)):
        i, parent = what.active[j], what.parents[j]
        if i < row.constants:
            continue
        p = found.place_of(parent)
        begun = plain_numbers and found.state[p] == flags.OTHER
        if begun and row.accumulate is not None and alone(found, p, parent):
            call.with_settings(row.accumulate, (found.others[p], i, ct, *what.operands), what.settings)
        else:
            found.send(p, call.with_settings(row.adjoint, (i, ct, *what.operands), what.settings))


def fits(outline: Outline, x: Any) -> bool:
    """Whether `x` is an array of that shape and type."""
    return type(x) is ndarray and x.shape == outline.shape and bool(x.dtype == outline.dtype)


def alone(found: Adjoints, k: int, node: Node) -> bool:
    """Whether the adjoint of node number k is an array of float64 without other references, like its data."""
    like = graph.remains(node)
    if type(like) is Outline:
        return fits(like, found.others[k]) and arrays.own_doubles(found.others, k)
    return arrays.alone(found.others, k, like)


def pass_elementwise(found: Adjoints, k: int, node: Node) -> bool:
    """Send the shares of an array's adjoint to the operands of an elementwise operator, each computed in one loop;
    False where its row has to be asked for all of them."""
    what = graph.detail(node)
    code, y = what.code, what.data
    if code == 0 or found.state[k] != flags.OTHER:
        return False
    gone = type(y) is Outline
    if gone and not fits(y, found.others[k]):
        return False
    if code == opcodes.ADD and (gone or arrays.akin(found.others[k], y)):
        for j in range(len(what.active)):
            ct = found.others[k]
            found.send(found.place_of(what.parents[j]), unbroadcast(ct, shape(what.operands[what.active[j]])))
        return True
    ct = arrays.contiguous(found.others[k]) if gone else arrays.packed(found.others[k], y)
    if ct is None:
        return False
    assert what.op is not None
    found.others[k] = ct
    a, b = what.operands[0], what.operands[1] if len(what.operands) == 2 else None
    ct = None  # the list alone holds it, or it is not ours to write to
    ours = found.last and alone(found, k, node)
    ct, rest = found.others[k], len(what.active)
    # No rule reads the numbers of what was given up: any others of the shape take their place.
    y = ct if gone else y
    a, b = y if type(a) is Outline else a, y if type(b) is Outline else b
    for j in range(len(what.active)):
        i = what.active[j]
        p, rest, x = found.place_of(what.parents[j]), rest - 1, what.operands[i]
        whole = fits(x, y) if type(x) is Outline else arrays.alike(x, y)
        if whole and found.state[p] == flags.OTHER and arrays.add_share(found.others, p, code, i, ct, y, a, b):
            found.left = found.left or libm.left_range()
            continue
        if arrays.unscaled(code, i):
            share, ours = ct, False
        elif ours and rest == 0 and not found.left:  # it is needed only for what the share loses
            share = arrays.share_over(ct, code, i, y, a, b)
        else:
            share = arrays.share(code, i, ct, y, a, b)
        if share is not None:
            found.left = found.left or libm.left_range()
            found.send(p, share if whole else unbroadcast(share, shape(x)))
            continue
        ours = False
        for _, share in what.op.pull(ct, what.data, what.operands, (i,), what.settings):
            found.send(p, share)
    return True


arrays.start()
memory.start()
