cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.carriers.versions as versions
cimport chainrule.native.arrays as arrays
cimport chainrule.native.flags as flags
cimport chainrule.native.libm as libm
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
cimport chainrule.sweeps.floats as floats
from chainrule.carriers.node cimport Node
from chainrule.sweeps.adjoints cimport Adjoints


cdef Py_ssize_t pass_floats(Adjoints found, Py_ssize_t k) except -2
@cython.locals(node=Node)
cdef Py_ssize_t _passed(Adjoints found, Py_ssize_t k) except -2
@cython.locals(a=double, b=double, code=int)
cdef void pass_float(Adjoints found, Node node, double ct) except *
@cython.locals(node=Node)
cdef double value_of(object x, unsigned int when) except? -1.5
@cython.locals(k=Py_ssize_t)
cdef void send_float(Adjoints found, Node node, double share) except *
@cython.locals(k=Py_ssize_t)
cdef void send_element(Adjoints found, Node node, Py_ssize_t index, double share) except *
