cimport cython
cimport chainrule.native.dense as dense
from chainrule.numbers cimport Carrier, StandIn
from chainrule.ops.entry cimport Entry


cdef class Operator(Entry):
    cdef public bint remembers, view
    @cython.locals(top=StandIn, floats=bint, arrays=bint)
    cdef object of(self, tuple args, dict settings)


cdef bint _above(StandIn x, StandIn top) except -1
cpdef object applied(Operator row, tuple args, dict settings)
