cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.native.arrays as arrays
cimport chainrule.native.buffers as buffers
cimport chainrule.native.dense as dense
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
cimport chainrule.ops.reuse as reuse
from chainrule.carriers.node cimport Node
from chainrule.ops.row cimport applied


@cython.final
cdef class Adjoints:
    cdef list nodes
    cdef double *floats
    cdef unsigned char *state
    cdef bint last
    cdef list others
    cdef dict places
    cdef list masks
    cdef public bint left

    @cython.locals(k=Py_ssize_t)
    cdef Py_ssize_t place_of(self, Node node) except -2
    @cython.locals(node=Node)
    cdef object at(self, Py_ssize_t k)
    @cython.locals(node=Node)
    cdef void send(self, Py_ssize_t k, object share) except *
    cpdef of(self, node)
    @cython.locals(k=Py_ssize_t)
    cpdef take(self, node)
    cpdef put(self, Py_ssize_t k, adjoint)
    @cython.locals(node=Node)
    cdef void forget(self, Py_ssize_t k) except *
    @cython.locals(k=Py_ssize_t)
    cpdef list reached(self)
