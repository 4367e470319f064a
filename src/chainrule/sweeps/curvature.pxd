cimport cython
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.carriers.float_rules as float_rules
cimport chainrule.native.libm as libm
from chainrule.carriers.node cimport Node


@cython.locals(a=double, b=double, code=int, slope=double)
cdef bint _tangent(Node node, list tangents, dict offsets, object unit) except -1
@cython.locals(node=Node, a=double, b=double, y=double, slope=double, ct=double, code=int, side=int, other=int,
               k=Py_ssize_t, p=Py_ssize_t, last=Py_ssize_t, share=double, cotangents=list, changes=list, rows=tuple, curvature=double)
cdef bint _sweep(list nodes, list tangents, dict offsets, object found) except -1
@cython.locals(node=Node)
cdef double _number(object x) except? -1.5
cdef Py_ssize_t _mark(Node node) noexcept
cdef object _scaled(object row, double factor)
cdef object _plus(object a, object b)
