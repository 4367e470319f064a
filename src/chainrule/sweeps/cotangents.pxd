cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.native.dense as dense
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
from chainrule.carriers.node cimport Node
from chainrule.numbers cimport shape
from chainrule.sweeps.adjoints cimport Adjoints

cpdef bint missing(object x) except -1
cpdef bint nested(Adjoints found, object cotangent) except -1
@cython.locals(node=Node, k=Py_ssize_t)
cpdef bint spoiled(Adjoints found) except -1
