cimport cython
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.memory as memory
cimport chainrule.carriers.node as graph
from chainrule.carriers.node cimport Node


@cython.locals(node=Node, listed=list, count=Py_ssize_t, enter=bint, later=bint, parents=tuple, k=Py_ssize_t)
cdef list _ordered(list pending)
@cython.locals(node=Node)
cdef inline bint is_open(object operand, list listed, Py_ssize_t count) noexcept
