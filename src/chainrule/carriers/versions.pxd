cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.native.buffers as buffers
cimport chainrule.native.flags as flags
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.version as version
from chainrule.carriers.detail cimport Detail
from chainrule.carriers.node cimport Node


@cython.final
cdef class Versions:
    cdef Py_ssize_t count, room
    cdef double *row

    @cython.locals(k=Py_ssize_t)
    cdef void add(self, double number, unsigned int until) noexcept
    @cython.locals(first=Py_ssize_t, k=Py_ssize_t)
    cdef Py_ssize_t place(self, unsigned int when, unsigned int now) noexcept
    @cython.locals(k=Py_ssize_t)
    cdef double at(self, unsigned int when, unsigned int now, str label) except? -1.5


cpdef void count_from(unsigned int to) noexcept
@cython.locals(before=Versions)
cpdef object renumber(Node node, object new)
cdef bint changed_since(Node node, unsigned int when) noexcept
@cython.locals(node=Node, earlier=double, before=Versions)
cpdef object operand(object x, unsigned int when)
