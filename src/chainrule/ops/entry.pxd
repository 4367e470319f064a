cimport cython
cimport chainrule.ops.reuse as reuse
from chainrule.libraries cimport Library, common_library


cdef class Entry:
    cdef dict __dict__
    cdef object __weakref__
    cdef public dict _resolved
    cdef public int code, operand_count
    cdef public bint selects
    cpdef object by_library(self, tuple args, dict settings)
    @cython.final
    cdef object by_kernel(self, Library lib, tuple args, dict settings)
