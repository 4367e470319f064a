"""What `jit` made of a function, in words: `compiled.report()`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from chainrule.jit.call.partition_view import Partition, why
from chainrule.jit.plan.plan import Plan
from chainrule.jit.program import CONSTANT, INPUT, Program


def report(compiled: Any) -> str:
    """Versions, guards, kernels, library calls and compile times of a jitted function."""
    lines = [f"jit({getattr(compiled, '__name__', 'function')})"]
    if not compiled.specialisations:
        return f"{lines[0]}: not called yet"
    for found in compiled.specialisations:
        kinds = ", ".join(step.kind for step in found.versions[0].program.inputs) if found.versions else ""
        fixed = [repr(x) for k, x in enumerate(found.static) if k not in found.dynamic]
        static = f" and fixed {', '.join(fixed)}" if fixed else ""
        lines.append(f"for ({kinds}){static}: {_count(len(found.versions), 'version')}")
        for k, version in enumerate(found.versions):
            lines += _version(k, version)
    return "\n".join(lines)


def _version(k: int, version: Any) -> list[str]:
    program, executable = version.program, version.executable
    before, after = _size(version.recorded), _size(program)
    origin = getattr(executable, "origin", "")
    origin = f" (machine code {origin})" if origin else ""
    lines = [
        f"  version {k}: {_count(before, 'operation')} recorded in {version.record_seconds * 1e3:.1f} ms, "
        f"{after} after the passes, compiled in {executable.compile_seconds * 1e3:.1f} ms{origin}"
    ]
    guards = Counter((g.line, g.step.op, str(g.holds)) for g in program.guards)
    lines += [
        f"    guard at {line or 'unknown line'}: {op} is {holds}{f' ({n} times)' if n > 1 else ''}"
        for (line, op, holds), n in guards.items()
    ]
    if version.counts:
        lines.append(f"    for masks that take out {_count(len(version.counts), 'number')} of elements")
    if version.unrecorded:
        lines.append(f"    not finite, and differentiated without the recording: {_count(version.unrecorded, 'call')}")
    if version.outside:
        names = ", ".join(sorted(set(version.outside)))
        lines.append(f"    reads from outside: {names}")
    made = executable.partition
    if made is None:
        counted = Counter(step.op for step in program.steps() if step.op not in (INPUT, CONSTANT))
        lines.append("    by rows: " + ", ".join(f"{op} {n}" for op, n in counted.most_common()))
    else:
        lines += [f"    {line}" for line in str(Partition(made)).splitlines()]
    if isinstance(made, Plan):
        calls = Counter((c.op, why(c)) for work in made.rounds for c in work.calls)
        lines += [
            f"    not fused: {op}{f', {n} times' if n > 1 else ''}: {reason}" for (op, reason), n in calls.items()
        ]
    shares = Counter(getattr(executable, "shares", ()))
    lines += [f"    {line}{f' ({n} times)' if n > 1 else ''}" for line, n in shares.items()]
    executables = [made for made, *_ in version.variants.values()]
    lines += [
        f"    array {k} among the numbers is read where it lies, with strides of {list(strides)} bytes"
        for executable in executables
        for k, strides in getattr(executable, "strides", {}).items()
    ]
    copied = sum((Counter(getattr(e, "copied", {})) for e in executables), Counter[int]())
    lines += [
        f"    array {k} among the numbers was copied ({_count(n, 'call')}): its elements do not lie in order in memory"
        for k, n in sorted(copied.items())
    ]
    return lines


def _size(program: Program) -> int:
    return sum(step.op not in (INPUT, CONSTANT) for step in program.steps())


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
