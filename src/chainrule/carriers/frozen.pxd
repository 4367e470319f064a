cimport cython
cimport chainrule.carriers.arrays as arrays

cdef dict _copies


@cython.locals(known=tuple)
cpdef object frozen(object array)
cdef bint _writeable(object array) except -1
