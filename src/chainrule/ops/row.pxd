cimport cython
cimport chainrule.native.dense as dense
cimport chainrule.ops.reuse as reuse
from chainrule.libraries cimport Library, common_library
from chainrule.numbers cimport StandIn


cdef class Operator:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
    cdef public int code, operand_count
    cdef public bint remembers, selects, view
    @cython.locals(top=StandIn, floats=bint, arrays=bint)
    cdef object of(self, tuple args, dict settings)
    cpdef object by_library(self, tuple args, dict settings)
    cdef object by_kernel(self, Library lib, tuple args, dict settings)


cpdef object applied(Operator row, tuple args, dict settings)
