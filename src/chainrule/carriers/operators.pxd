cimport chainrule.native.arrays as arrays
from chainrule.numbers cimport Carrier


cdef class Traced(Carrier):
    pass


cdef object _operand(object x)
