cdef class Derived:
    cdef public str verb, asked
    cdef public object f, kept
    cdef public tuple settings
    cdef public dict positions
    cdef dict __dict__
    cdef object __weakref__
    cpdef tuple wanted(self, tuple args)
    cpdef object computed(self, tuple args, dict settings)
