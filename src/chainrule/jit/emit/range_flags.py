"""Whether a number has left the range of floats: the processor notes overflow and underflow, and forgets neither until
it is told to. To ask takes some nanoseconds, where to look at each product would take a part of its time."""

from __future__ import annotations

import platform

PATIENCE = "range.patience"
"""The global that says in how many calls nothing is to be said of it."""
_X86 = platform.machine().lower() in ("x86_64", "amd64")
_BITS = 0x18  # of MXCSR: overflow and underflow

KNOWN = _X86
"""Whether this machine's flags are read here."""

DECLARED = {
    "llvm.x86.sse.stmxcsr": "declare void @llvm.x86.sse.stmxcsr(ptr)",
    "llvm.x86.sse.ldmxcsr": "declare void @llvm.x86.sse.ldmxcsr(ptr)",
    PATIENCE: f"@{PATIENCE} = global i64 0",
}


def asked(code: int) -> list[str]:
    """Instructions that return `code` where something was noted, unless they are to be patient once more. What was
    noted is forgotten then; it may be older than the call, so the call has to be made again."""
    return [
        "  %range.state = alloca i32", "  call void @llvm.x86.sse.stmxcsr(ptr %range.state)",
        "  %range.now = load i32, ptr %range.state", f"  %range.met = and i32 %range.now, {_BITS}",
        "  %range.fine = icmp eq i32 %range.met, 0", "  br i1 %range.fine, label %range.end, label %range.outside",
        "range.outside:", f"  %range.fresh = and i32 %range.now, {~_BITS}",
        "  store i32 %range.fresh, ptr %range.state",
        "  call void @llvm.x86.sse.ldmxcsr(ptr %range.state)", f"  %range.calls = load i64, ptr @{PATIENCE}",
        "  %range.wait = icmp sgt i64 %range.calls, 0", "  br i1 %range.wait, label %range.later, label %range.say",
        "range.later:", "  %range.less = sub i64 %range.calls, 1", f"  store i64 %range.less, ptr @{PATIENCE}",
        "  br label %range.end",
        "range.say:", f"  ret i32 {code}",
        "range.end:",
    ]  # fmt: skip
