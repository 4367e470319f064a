cimport cython
cimport chainrule.native.dense as dense
cimport chainrule.ops.reuse as reuse
from chainrule.libraries cimport common_library
from chainrule.numbers cimport Levelled, ndim, shape


cdef class Operator:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
    cdef public int code
    cdef public bint remembers, selects, view
    @cython.locals(top=Levelled, floats=bint, arrays=bint)
    cdef object of(self, tuple args, dict settings)


cdef class Elementwise(Operator):
    cdef public tuple partials
    cdef public dict shares


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


cpdef object product(object t, object slope)
cdef bint _floats(object x) noexcept
cpdef object applied(Operator row, tuple args, dict settings)
cpdef object keep_axes(object y, object x, dict settings)
cpdef object unbroadcast(object ct, tuple target)
