cimport cython
cimport chainrule.carriers.node as node
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.values.elementwise as elementwise
from chainrule.carriers.detail cimport Detail
from chainrule.carriers.frozen cimport constant, frozen
from chainrule.carriers.node cimport Node, kept
from chainrule.carriers.operands cimport in_one_type
from chainrule.ops.row cimport Operator


@cython.locals(known=bint, holder=Detail, parent=Node, gathered=list, operands=tuple, i=Py_ssize_t, count=Py_ssize_t)
cdef object operands_of(Operator operator, tuple args, tuple active)
@cython.locals(parent=Node)
cdef bint is_lent(object data, tuple operands, tuple parents) except -1
