cimport cython
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.memory as memory
cimport chainrule.carriers.node as graph
from chainrule.carriers.node cimport Node


@cython.locals(node=Node, listed=list, count=Py_ssize_t, finished=bint, parents=tuple, k=Py_ssize_t)
cdef list _ordered(list pending)
