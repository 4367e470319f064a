cimport cython
cimport chainrule.native.arrays as arrays
cimport chainrule.native.buffers as buffers
cimport chainrule.native.dense as dense
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
cimport chainrule.ops.reuse as reuse
from chainrule.carriers.node cimport Node


cdef class Storage:
    cdef list nodes
    cdef double *floats
    cdef unsigned char *state
    cdef bint last
    cdef list others
    cdef dict places
    cdef list masks
    cdef public bint left
    cdef bint watched
    cdef Py_ssize_t enlarged, noted

    # Final methods are called without looking them up.
    @cython.final
    @cython.locals(k=Py_ssize_t)
    cdef Py_ssize_t place_of(self, Node node) except -2
    @cython.final
    @cython.locals(node=Node)
    cdef object at(self, Py_ssize_t k)
    @cython.final
    @cython.locals(node=Node)
    cdef bint added(self, Py_ssize_t k, object x) except -1
    @cython.final
    @cython.locals(node=Node)
    cdef void passed(self, Py_ssize_t k) except *
    @cython.locals(node=Node)
    cpdef put(self, Py_ssize_t k, object x)
    @cython.locals(k=Py_ssize_t)
    cpdef take(self, node)
