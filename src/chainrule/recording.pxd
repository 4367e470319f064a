cimport cython
cimport chainrule.carriers.codes as codes
cimport chainrule.carriers.memory as memory
from chainrule.carriers.node cimport Node


@cython.locals(node=Node, listed=list)
cdef list _ordered(list pending)
