cimport cython
cimport chainrule.carriers.node as graph
cimport chainrule.native.arrays as arrays
cimport chainrule.native.call as call
cimport chainrule.native.flags as flags
cimport chainrule.native.libm as libm
cimport chainrule.native.memory as memory
cimport chainrule.native.opcodes as opcodes
from chainrule.carriers.detail cimport Detail
from chainrule.carriers.node cimport Node, Outline
from chainrule.numbers cimport shape
from chainrule.ops.broadcasting cimport unbroadcast
from chainrule.ops.kinds cimport Linear
from chainrule.sweeps.adjoints cimport Adjoints


@cython.locals(general=bint, settled=bint)
cdef bint pass_array(Adjoints found, Py_ssize_t k, Node node) except -1
@cython.locals(row=Linear, plain_numbers=bint, begun=bint, i=Py_ssize_t, j=Py_ssize_t, p=Py_ssize_t)
cdef void pass_linear(Adjoints found, Detail what, object ct) except *
cdef bint fits(Outline outline, object x) except -1
cdef bint alone(Adjoints found, Py_ssize_t k, Node node) except -1
@cython.locals(what=Detail, code=int, gone=bint, ours=bint, whole=bint, rest=Py_ssize_t, p=Py_ssize_t, j=Py_ssize_t, i=int)
cdef bint pass_elementwise(Adjoints found, Py_ssize_t k, Node node) except -1
