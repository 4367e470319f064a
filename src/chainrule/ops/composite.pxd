from chainrule.numbers cimport Carrier, common_library


cdef class Composite:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
