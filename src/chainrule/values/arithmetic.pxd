cimport cython
cimport chainrule.native.arrays as arrays
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.carriers.node as node
cimport chainrule.carriers.float_rules as float_rules
cimport chainrule.values.elementwise as elementwise
cimport chainrule.values.residuals as residuals
from chainrule.carriers.detail cimport Detail
from chainrule.carriers.node cimport Node
from chainrule.carriers.operators cimport Traced
from chainrule.ops.index cimport getitem

cdef long long EXACT
cdef object FLOAT64
cdef dict CODES


cdef class Arithmetic(Node):
    pass


cdef inline object _recorded(int code, object left, object right, Node like, int kind, double number)
@cython.locals(new=Node)
cdef object held(Detail found, Node like)
cdef object _unary(int code, Node x)
@cython.locals(number=double)
cdef object _unary_node(int code, Node x)
@cython.locals(b=Node, number=double, kind=int)
cdef object _binary(int code, Node a, object other)
@cython.locals(number=double, kind=int)
cdef object _reflected(int code, object other, Node b)
cdef object _computed(int code, object left, object right, Node like, int kinds, double a, double b)
cdef int _float_kind(object x) except -1
cdef object applied(int code, tuple args)
cdef bint _has_axes(object x) except -1
cdef object _element(Node x, Py_ssize_t index)
cdef bint _regular(int code, double a, double b) noexcept
@cython.locals(new=Node)
cpdef list float_inputs(list numbers, double level)
