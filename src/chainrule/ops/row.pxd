cimport cython
cimport chainrule.native.dense as dense
cimport chainrule.ops.reuse as reuse
from chainrule.libraries cimport Library, common_library
from chainrule.numbers cimport StandIn


cdef class Operator:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
    cdef public int code
    cdef public bint remembers, selects, view
    @cython.locals(top=StandIn, floats=bint, arrays=bint)
    cdef object of(self, tuple args, dict settings)
    cpdef object computed(self, tuple args, dict settings)
    cdef object by(self, Library lib, tuple args, dict settings)


cpdef object applied(Operator row, tuple args, dict settings)
