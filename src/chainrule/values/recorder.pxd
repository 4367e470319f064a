cimport cython
cimport chainrule.carriers.node as node
cimport chainrule.native.memory as memory
cimport chainrule.values.arithmetic as arithmetic
cimport chainrule.values.kept as kept
from chainrule.carriers.detail cimport Detail, described
from chainrule.carriers.node cimport Node
from chainrule.ops.row cimport Operator


cdef object recorded(Node self, Operator operator, tuple args, dict settings)
@cython.locals(level=cython.uint, known=bint, found=Detail, parents=tuple, active=tuple)
cdef object _general(Node self, Operator operator, tuple args, dict settings)
@cython.locals(parents=list, active=list, i=Py_ssize_t)
cdef tuple _parents(tuple args, unsigned int level)
@cython.locals(node_=Node)
cdef bint _on_level(object x, unsigned int level) noexcept
