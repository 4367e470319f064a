cdef class StandIn:
    pass


cdef class Carrier(StandIn):
    pass
