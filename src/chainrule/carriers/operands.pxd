cimport cython


@cython.locals(carriers=bint, doubles=bint)
cdef bint _settled(tuple args)
cpdef tuple in_one_type(object operator, tuple args)
@cython.locals(k=Py_ssize_t, first=Py_ssize_t)
cdef tuple _brought_to_one(object operator, tuple args)
cpdef object common_type(tuple args)
cdef object _in_type(object x, object target)
