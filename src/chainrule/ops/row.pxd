cimport cython
cimport chainrule.native.dense as dense
from chainrule.numbers cimport StandIn
from chainrule.ops.entry cimport Entry


cdef class Operator(Entry):
    cdef public bint remembers, view
    @cython.locals(top=StandIn, floats=bint, arrays=bint)
    cdef object of(self, tuple args, dict settings)


cpdef object applied(Operator row, tuple args, dict settings)
