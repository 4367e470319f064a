cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.native.arrays as arrays
cimport chainrule.native.dense as dense
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
from chainrule.carriers.detail cimport Detail
from chainrule.carriers.node cimport Node
from chainrule.sweeps.adjoints cimport Adjoints


cpdef object gradient(Node node)
cpdef object own_gradient(Node node)
cpdef bint has_other(Node node) except -1
@cython.locals(what=Detail)
cpdef put(Node node, object new)
cpdef add(Node node, object share)
@cython.locals(node=Node, passes=int, k=Py_ssize_t)
cpdef deposit_all(Adjoints found)
@cython.locals(before=list)
cdef void _deposit_array(Adjoints found, Py_ssize_t k, Detail what) except *
