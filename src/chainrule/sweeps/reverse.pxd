cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.native.arrays as arrays
cimport chainrule.native.flags as flags
cimport chainrule.native.libm as libm
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
cimport chainrule.ops.reuse as reuse
cimport chainrule.sweeps.array_nodes as array_nodes
cimport chainrule.sweeps.float_nodes as float_nodes
from chainrule.carriers.detail cimport Detail
from chainrule.carriers.node cimport Node
from chainrule.ops.kinds cimport Linear
from chainrule.sweeps.adjoints cimport Adjoints
from chainrule.sweeps.cotangents cimport nested, spoiled


cpdef carry(Adjoints found, object cotangent)
@cython.locals(last=Py_ssize_t, stopped=Py_ssize_t)
cpdef run_plainly(Adjoints found, object cotangent)
@cython.locals(k=Py_ssize_t)
cpdef pass_all(Adjoints found, Py_ssize_t k)
@cython.locals(node=Node, what=Detail)
cdef void pass_on(Adjoints found, Py_ssize_t k) except *
cdef object run(Adjoints found, object cotangent)
cpdef Adjoints adjoints(object root, object cotangent, list nodes=*)
cpdef Adjoints last_adjoints(list nodes, object cotangent)
