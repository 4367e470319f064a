cimport cython
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.carriers.node as node
cimport chainrule.values.arithmetic as arithmetic
cimport chainrule.values.elementwise as elementwise
from chainrule.carriers.frozen cimport constant, frozen
from chainrule.carriers.node cimport Detail
from chainrule.ops.row cimport Operator
from chainrule.values.arithmetic cimport Arithmetic


cdef class Value(Arithmetic):
    pass


cdef object _recorded(Value self, Operator operator, tuple args, dict settings)
@cython.locals(level=cython.uint, known=bint, lent=bint, found=Detail, holder=Detail, parent=Value, parents=tuple, active=tuple, gathered=list, operands=tuple, i=Py_ssize_t, count=Py_ssize_t)
cdef object _general(Value self, Operator operator, tuple args, dict settings)
@cython.locals(found=Detail, first=Value)
cdef object _made_by_hand(Value self, tuple children, str symbol)
@cython.locals(left=bint, right=bint, parents=list, active=list, i=Py_ssize_t)
cdef tuple _parents(tuple args, unsigned int level)
@cython.locals(node_=Value)
cdef bint _on_level(object x, unsigned int level) noexcept
