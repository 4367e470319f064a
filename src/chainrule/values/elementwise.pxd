cimport cython
cimport chainrule.native.arrays as arrays
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.carriers.node as node
cimport chainrule.carriers.float_rules as float_rules
cimport chainrule.ops.reuse as reuse
from chainrule.carriers.frozen cimport frozen
from chainrule.carriers.detail cimport Detail, described
from chainrule.carriers.node cimport Node, kept

cdef list KERNELS, REMEMBERS


cdef Detail unary(int code, Node x)
@cython.locals(left=Node, right=Node, remembers=bint, operands=tuple)
cdef Detail binary(int code, object a, object b, Node like)
@cython.locals(holder=Node, found=Detail)
cdef object operand(object x, Node like, bint remembers)
@cython.locals(found=Detail)
cdef Detail recorded(int code, object number, tuple operands, tuple parents, tuple active)
@cython.locals(doubles=bint)
cpdef bint alike(tuple operands) except -1
