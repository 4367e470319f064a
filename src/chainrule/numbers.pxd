cdef class StandIn:
    pass


cdef class Carrier(StandIn):
    pass


cdef dict _known
cpdef object common_library(tuple args)
