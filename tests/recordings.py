"""What every recording must be, whoever recorded it."""

from chainrule.recording import order


def check(*outputs):
    """Whether the recording is legal: operands come first, levels agree, values are there.

    Raises AssertionError naming the first offending node; called after building one in the tests.
    """
    seen = set()
    for node in order(*outputs):
        for parent in node.parents:
            assert id(parent) in seen, f"{node!r} comes before its operand {parent!r}"
            assert parent.level == node.level, f"{node!r} mixes levels {node.level} and {parent.level}"
        assert (node.op is None) == (not node.parents), f"{node!r} has an operator without operands"
        assert len(node.parents) == len(node.active), f"{node!r} does not say which operands its parents are"
        assert all(0 <= i < len(node.operands) for i in node.active), f"{node!r} has too few operands"
        seen.add(id(node))
