cdef class StandIn:
    pass


cdef class Carrier(StandIn):
    pass


cpdef object common_library(tuple args)
