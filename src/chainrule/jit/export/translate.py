"""LLVM's language as C: the part of it that kernels of single numbers are written in."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

TYPES = {
    "double": "double", "float": "float", "i1": "_Bool", "i8": "uint8_t", "i32": "int32_t", "i64": "int64_t",
    "ptr": "char *", "void": "void",
}  # fmt: skip
PRELUDE = """\
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ACCESS(type, name) \\
    static inline type load_##name(const char *p) { type x; memcpy(&x, p, sizeof x); return x; } \\
    static inline void store_##name(char *p, type x) { memcpy(p, &x, sizeof x); }
ACCESS(double, double)
ACCESS(float, float)
ACCESS(uint8_t, i8)
ACCESS(int32_t, i32)
ACCESS(int64_t, i64)
ACCESS(char *, ptr)
static inline int64_t bits_of_double(double x) { int64_t b; memcpy(&b, &x, sizeof b); return b; }
static inline int32_t bits_of_float(float x) { int32_t b; memcpy(&b, &x, sizeof b); return b; }
static inline double double_of_bits(int64_t b) { double x; memcpy(&x, &b, sizeof x); return x; }
static inline float float_of_bits(int32_t b) { float x; memcpy(&x, &b, sizeof x); return x; }
"""
_INFIX = {
    "fadd": "+", "fsub": "-", "fmul": "*", "fdiv": "/", "add": "+", "sub": "-", "mul": "*", "and": "&", "or": "|",
    "xor": "^", "shl": "<<",
}  # fmt: skip
_COMPARED = {"eq": "==", "ne": "!=", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_FLAGS = {"contract", "nuw", "nsw", "nnan", "ninf", "nsz", "reassoc", "arcp", "afn", "fast", "exact", "volatile"}
_FUNCTION = re.compile(r"^define (?:internal )?(\w+) @([\w.]+)\(([^)]*)\)[^{]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^(@[\w.]+) = internal constant \[(\d+) x (\w+)\] \[(.*)\]$", re.MULTILINE)


def translated(code: str) -> str:
    """C functions, all static, of the same names (with _ for dots) and parameters as those of a program in LLVM's
    language. PRELUDE has to come before.

    Raises ValueError for an instruction that C has no words for.

    >>> print(translated("define double @half(double %x) {\\n  %y = fmul double %x, 0.5\\n  ret double %y\\n}\\n"))
    static double half(double x)
    {
        double y = x * 0.5;
        return y;
    }
    """
    parts = []
    for name, count, kind, values in _TABLE.findall(code):
        listed = ", ".join(_operand(value.split()[1], kind) for value in values.split(", "))
        parts.append(f"static const {TYPES[kind]} {_name(name)}[{count}] = {{{listed}}};")
    for kind, name, parameters, body in _FUNCTION.findall(code):
        typed = [p.split() for p in parameters.split(", ") if p]
        listed = ", ".join(_declared(p[0], _name(p[-1])) for p in typed)
        lines = _Body(body).lines
        parts.append("\n".join([f"static {_declared(kind, _name(name))}({listed})", "{", *lines, "}"]))
    return "\n\n".join(parts)


def _name(name: str) -> str:
    return name.lstrip("%@").replace(".", "_").replace("-", "_")


def _declared(kind: str, name: str) -> str:
    c = TYPES[kind]
    return f"{c}{name}" if c.endswith("*") else f"{c} {name}"


def _operand(text: str, kind: str) -> str:
    """A name or a constant."""
    if text[0] in "%@":
        return f"(char *){_name(text)}" if text[0] == "@" else _name(text)
    if text in ("true", "false"):
        return str(int(text == "true"))
    if text in ("zeroinitializer", "null", "poison", "undef"):
        return "0"
    if kind in ("double", "float"):
        return number(struct.unpack(">d", bytes.fromhex(text[2:]))[0] if text.startswith("0x") else float(text), kind)
    return f"INT64_C({text})" if kind == "i64" and abs(int(text)) >= 2**31 else text


def number(x: float, kind: str) -> str:
    """A constant of that type in C's notation, to the last bit."""
    if kind[0] == "i":
        return str(int(x))
    if x != x or x in (float("inf"), -float("inf")):
        return "NAN" if x != x else "INFINITY" if x > 0 else "-INFINITY"
    return repr(x) + ("f" if kind == "float" else "")


@dataclass
class _Body:
    """The statements of one function. A phi is a variable that is set before each jump to its block."""

    text: str
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._arrivals: dict[str, list[tuple[str, str, str, str]]] = {}  # block: (from, variable, type, value)
        self._block = "entry"
        source = [line.strip() for line in self.text.splitlines() if line.strip()]
        variables = self._read_phis(source)
        self.lines += [f"    {_declared(kind, name)};" for name, kind in variables.items()]
        for line in source:
            self._line(line)

    def _read_phis(self, source: list[str]) -> dict[str, str]:
        variables: dict[str, str] = {}
        block = "entry"
        for line in source:
            if line.endswith(":"):
                block = line[:-1]
            found = re.match(r"(%[\w.]+) = phi (\w+) (.*)$", line)
            if found:
                name, kind, sources = found.groups()
                variables[f"to_{_name(name)}"] = kind
                for value, origin in re.findall(r"\[\s*([^,\s]+), %([\w.]+)\s*\]", sources):
                    self._arrivals.setdefault(block, []).append((origin, f"to_{_name(name)}", kind, value))
        return variables

    def _line(self, line: str) -> None:
        if line.endswith(":"):
            self._block = line[:-1]
            if self._block != "entry":
                self.lines.append(f"{_name(self._block)}:;")
        elif " = " in line:
            name, instruction = line.split(" = ", 1)
            op = instruction.split(None, 1)[0]
            if op == "alloca":
                return
            kind, value = _value(op, instruction)
            if op == "phi":
                value = f"to_{_name(name)}"
            self.lines.append(f"    {_declared(kind, _name(name))} = {value};")
        else:
            self._statement(line)

    def _statement(self, line: str) -> None:
        words = re.split(r"[,\s]+", line)
        if words[0] == "store" and words[1] == "volatile":
            return
        if words[0] == "store":
            kind, value, _, place = words[1:5]
            self.lines.append(f"    store_{kind}({_name(place)}, {_operand(value, kind)});")
        elif words[0] == "ret":
            self.lines.append("    return;" if words[1] == "void" else f"    return {_operand(words[2], words[1])};")
        elif words[0] == "call":
            self.lines.append(f"    {_called(line)[1]};")
        elif words[0] == "br" and words[1] == "label":
            self.lines += [f"    {jump}" for jump in self._jump(words[2][1:])]
        elif words[0] == "br":
            condition, yes, no = _operand(words[2], "i1"), words[4][1:], words[6][1:]
            self.lines.append(f"    if ({condition}) {{ {' '.join(self._jump(yes))} }}")
            self.lines += [f"    {jump}" for jump in self._jump(no)]
        else:
            raise ValueError(f"no C for: {line}")

    def _jump(self, target: str) -> list[str]:
        arrivals = [a for a in self._arrivals.get(target, []) if a[0] == self._block]
        sets = [f"{variable} = {_operand(value, kind)};" for _, variable, kind, value in arrivals]
        return [*sets, f"goto {_name(target)};"]


def _value(op: str, instruction: str) -> tuple[str, str]:
    """The type of an instruction's result in LLVM's words, and the expression in C's."""
    if op == "call":
        return _called(instruction)
    words = [w for w in re.split(r"[,\s]+", instruction) if w not in _FLAGS]
    if op == "phi":
        return words[1], ""
    if op in _INFIX:
        kind = words[1]
        return kind, f"{_operand(words[2], kind)} {_INFIX[op]} {_operand(words[3], kind)}"
    if op == "fneg":
        return words[1], f"-{_operand(words[2], words[1])}"
    if op in ("fcmp", "icmp"):
        return "i1", _comparison(op, *words[1:5])
    if op == "select":
        kind = words[3]
        return kind, f"{_operand(words[2], 'i1')} ? {_operand(words[4], kind)} : {_operand(words[6], kind)}"
    if op == "load":
        return words[1], f"load_{words[1]}({_operand(words[3], 'ptr')})"
    if op == "getelementptr":
        size = f"(int64_t)sizeof({TYPES[words[1]]})"
        return "ptr", f"{_operand(words[3], 'ptr')} + {_operand(words[5], 'i64')} * {size}"
    if len(words) == 5 and words[3] == "to":
        return words[4], _converted(op, words[1], _operand(words[2], words[1]), words[4])
    raise ValueError(f"no C for: {instruction}")


def _converted(op: str, old: str, value: str, new: str) -> str:
    if op == "bitcast":
        return f"bits_of_{old}({value})" if old in ("double", "float") else f"{new}_of_bits({value})"
    if op == "trunc" and new == "i1":
        return f"{value} & 1"
    if op == "sext" and old == "i1":
        return f"-({TYPES[new]}){value}"
    return f"({TYPES[new]}){value}"


def _comparison(op: str, condition: str, kind: str, a: str, b: str) -> str:
    """LLVM's ordered conditions (o..) are false for nan, as C's; its unordered ones (u..) true."""
    x, y = _operand(a, kind), _operand(b, kind)
    if op == "icmp":
        unsigned = f"(u{TYPES[kind]})" if condition[0] == "u" and kind not in ("i1", "i8", "ptr") else ""
        return f"{unsigned}{x} {_COMPARED[condition.lstrip('us')]} {unsigned}{y}"
    if condition in ("uno", "ord"):
        return f"{'' if condition == 'uno' else '!'}isunordered({x}, {y})"
    if condition == "une":
        return f"{x} != {y}"
    if condition == "one":
        return f"{x} < {y} || {x} > {y}"
    if condition[0] == "o":
        return f"{x} {_COMPARED[condition[1:]]} {y}"
    return f"isunordered({x}, {y}) || {x} {_COMPARED[condition[1:]]} {y}"


def _called(line: str) -> tuple[str, str]:
    """A call: of a function of the program, of C's library, or of what LLVM itself knows."""
    found = re.match(r"call (\w+) @([\w.]+)\((.*)\)$", line)
    if not found:
        raise ValueError(f"no C for: {line}")
    kind, name, listed = found.groups()
    args = [_operand(part.split()[-1], part.split()[0]) for part in listed.split(", ") if part]
    if not name.startswith("llvm."):
        return kind, f"{_name(name)}({', '.join(args)})"
    name, suffix = name.split(".")[1], "f" if name.endswith(".f32") else ""
    if name == "fmuladd":
        return kind, f"{args[0]} * {args[1]} + {args[2]}"
    if name == "memset":
        return kind, f"memset({args[0]}, {args[1]}, (size_t){args[2]})"
    known = {"maxnum": "fmax", "minnum": "fmin", "roundeven": "rint", "nearbyint": "rint"}
    plain = ("fabs", "sqrt", "floor", "ceil", "trunc", "rint", "copysign", "fma", "exp", "log", "sin", "cos", "pow")
    if name not in (*plain, *known):
        raise ValueError(f"no C for: {line}")
    return kind, f"{known.get(name, name)}{suffix}({', '.join(args)})"
