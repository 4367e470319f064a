cimport cython
cimport chainrule.carriers.node as node
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.values.arithmetic as arithmetic
cimport chainrule.values.elementwise as elementwise
from chainrule.carriers.frozen cimport constant, frozen
from chainrule.carriers.detail cimport Detail, described, kept
from chainrule.carriers.node cimport Node
from chainrule.carriers.operands cimport in_one_type
from chainrule.ops.row cimport Operator


cdef object recorded(Node self, Operator operator, tuple args, dict settings)
@cython.locals(level=cython.uint, known=bint, lent=bint, found=Detail, holder=Detail, parent=Node, parents=tuple, active=tuple, gathered=list, operands=tuple, i=Py_ssize_t, count=Py_ssize_t)
cdef object _general(Node self, Operator operator, tuple args, dict settings)
@cython.locals(left=bint, right=bint, parents=list, active=list, i=Py_ssize_t)
cdef tuple _parents(tuple args, unsigned int level)
@cython.locals(node_=Node)
cdef bint _on_level(object x, unsigned int level) noexcept
