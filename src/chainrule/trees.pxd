cimport cython
from chainrule.inputs cimport as_number


cdef class Structure:
    cdef readonly object kind, outer
    cdef readonly Py_ssize_t count
    cpdef object of(self, object leaves)


cdef bint _is_leaf(object x) except -1
cdef bint _is_of_leaves(object tree) except -1
cpdef tuple flatten(object tree)
cpdef object unflatten(object structure, object leaves)
cpdef tuple in_parts(object tree)
cdef object _own(object x, bint lent)
cpdef bint only_floats(object args) except -1
