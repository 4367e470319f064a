cimport cython
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
cimport chainrule.ops.reuse as reuse
cimport chainrule.sweeps.array_nodes as array_nodes
cimport chainrule.sweeps.float_nodes as float_nodes
cimport chainrule.sweeps.repeated as repeated
from chainrule.carriers.node cimport Node
from chainrule.sweeps.adjoints cimport Adjoints


@cython.final
cdef class Sweep(Adjoints):
    cpdef run(self, object cotangent)
    cpdef carry(self, object cotangent)
    @cython.locals(last=Py_ssize_t, k=Py_ssize_t)
    cpdef once(self, object cotangent)
    cpdef pass_all(self, Py_ssize_t k)
    @cython.locals(node=Node)
    cdef void pass_on(self, Py_ssize_t k) except *


cpdef Sweep adjoints(object root, object cotangent, list nodes=*)
@cython.locals(found=Sweep)
cpdef list sweep(object root, object cotangent, list nodes=*)
