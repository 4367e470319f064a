cdef class StandIn:
    pass


cdef class Levelled(StandIn):
    pass


cdef class Carrier(Levelled):
    pass


cpdef tuple shape(object x)
cpdef Py_ssize_t ndim(object x) except -1
