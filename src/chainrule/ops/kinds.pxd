from chainrule.numbers cimport shape
from chainrule.ops.broadcasting cimport keep_axes, unbroadcast
from chainrule.ops.row cimport Operator, applied
from chainrule.ops.slopes cimport floats, product


cdef class Elementwise(Operator):
    cdef public tuple partials
    cdef public dict shares
    cpdef object scaled(self, object t, Py_ssize_t i, object y, tuple args, dict settings)


cdef class Reduction(Operator):
    cdef public object weights


cdef class Linear(Operator):
    cdef public object adjoint, accumulate, wider
    cdef public Py_ssize_t constants


cdef class Multilinear(Linear):
    pass


cdef class Tangent(Operator):
    pass


cdef class PiecewiseConstant(Operator):
    pass
