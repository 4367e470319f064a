cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.native.flags as flags
cimport chainrule.native.libm as libm
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
cimport chainrule.ops.reuse as reuse
from chainrule.carriers.node cimport Node
from chainrule.sweeps.adjoints cimport Adjoints
from chainrule.sweeps.cotangents cimport spoiled


@cython.locals(k=Py_ssize_t)
cpdef told_apart(Adjoints found, object cotangent)
cpdef run_by_branches(Adjoints found, object cotangent)
@cython.locals(k=Py_ssize_t)
cpdef pass_all(Adjoints found, object cotangent)
@cython.locals(node=Node)
cdef void pass_by_branches(Adjoints found, Py_ssize_t k) except *
cdef void send_by_branches(Adjoints found, Py_ssize_t p, object share, object mask, object ct) except *
@cython.locals(node=Node)
cdef bint inputs(tuple nodes) except -1
