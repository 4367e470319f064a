from chainrule.libraries cimport common_library
from chainrule.numbers cimport Carrier


cdef class Composite:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
