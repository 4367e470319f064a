cimport cython
cimport chainrule.carriers.codes as codes
cimport chainrule.carriers.memory as memory
cimport chainrule.carriers.plain as plain
from chainrule.carriers.node cimport Node


@cython.locals(last=Node)
cpdef bint first_pass(list nodes, double cotangent) except -1
@cython.locals(node=Node, changed=cython.longlong, computed=cython.longlong)
cdef bint _are_fresh(list nodes) except -1
@cython.locals(node=Node, code=int, ct=double, a=double, b=double)
cdef object _pass_all(list nodes, Py_ssize_t k)
@cython.locals(node=Node)
cdef inline void _add(object operand, double share) noexcept
@cython.locals(node=Node)
cdef inline double _number(object operand) noexcept
