cimport cython


@cython.locals(carriers=bint, arrays=bint)
cdef bint _settled(tuple args)
cpdef tuple in_one_type(object operator, tuple args)
