cimport cython


cdef class Library:
    cdef dict __dict__
    cdef object __weakref__
    cdef public str name, spelling
    cdef public int rank
    cdef public object find, xp, record
    cdef public bint again


@cython.locals(best=Library, found=Library, known=dict)
cpdef Library common_library(tuple args)
