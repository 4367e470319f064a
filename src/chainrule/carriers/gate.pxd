cimport cython
cimport chainrule.native.call as call


cdef class Entry:
    cdef public object rule, complex_rule, usual, operands
    cdef public str name
    cdef public list order, layout, arrays
    cdef public Py_ssize_t prefix
    cdef public bint sequence, variadic, rest, free
    cdef public frozenset settings

    cpdef object called(self, tuple args, dict settings)
    @cython.locals(k=Py_ssize_t)
    cdef bint _as_they_stand(self, tuple args, dict settings) except -1


cpdef bint ready(object x) except -1
cpdef bint holds(object x) except -1
