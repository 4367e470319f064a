cimport cython
cimport chainrule.ops.call as call
from chainrule.numbers cimport Carrier, common_library


cdef class Operator:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
    cdef object of(self, tuple args, dict settings)


cdef class Elementwise(Operator):
    cdef public tuple partials


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


cdef class Composite:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
