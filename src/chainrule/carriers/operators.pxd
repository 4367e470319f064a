from chainrule.numbers cimport Carrier


cdef class Traced(Carrier):
    pass
