cimport cython
cimport chainrule.native.arrays as arrays
cimport chainrule.native.buffers as buffers
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.native.libm as libm
cimport chainrule.carriers.node as graph
cimport chainrule.native.call as call
cimport chainrule.native.dense as dense
cimport chainrule.ops.reuse as reuse
cimport chainrule.sweeps.floats as floats
from chainrule.carriers.node cimport Detail, Node
from chainrule.numbers cimport shape
from chainrule.ops.row cimport Elementwise, Linear, Reduction, applied, unbroadcast
from chainrule.sweeps.cotangents cimport missing


@cython.final
cdef class Adjoints:
    cdef list nodes
    cdef double *floats
    cdef unsigned char *state
    cdef bint last
    cdef list others
    cdef dict places
    cdef list masks
    cdef public bint left

    @cython.locals(last=Py_ssize_t, k=Py_ssize_t)
    cpdef run(self, cotangent)
    @cython.locals(last=Py_ssize_t, stopped=Py_ssize_t)
    cpdef run_plainly(self, cotangent)
    @cython.locals(k=Py_ssize_t)
    cpdef run_by_branches(self, cotangent)
    cpdef of(self, node)
    @cython.locals(k=Py_ssize_t)
    cpdef take(self, node)
    cpdef put(self, Py_ssize_t k, adjoint)
    @cython.locals(k=Py_ssize_t)
    cpdef list reached(self)
    @cython.locals(k=Py_ssize_t, other=bint)
    cpdef into_grads(self)


@cython.locals(k=Py_ssize_t)
cpdef pass_all(Adjoints found, Py_ssize_t k)
@cython.locals(node=Node)
cdef void pass_by_branches(Adjoints found, Py_ssize_t k) except *
cdef void send_by_branches(Adjoints found, Py_ssize_t p, object share, object mask, object ct) except *
cdef bint nested(Node root, object cotangent) except -1
@cython.locals(node=Node, k=Py_ssize_t)
cdef bint spoiled(Adjoints found) except -1
@cython.locals(node=Node)
cdef void forget(Adjoints found, Py_ssize_t k) except *
@cython.locals(node=Node)
cdef object adjoint(Adjoints found, Py_ssize_t k)
@cython.locals(node=Node)
cdef void deposit(Adjoints found, Py_ssize_t k) except *
@cython.locals(node=Node, what=Detail, passes=int, before=list)
cdef void deposit_array(Adjoints found, Py_ssize_t k) except *
@cython.locals(k=Py_ssize_t)
cdef Py_ssize_t place_of(Adjoints found, Node node) except -2
@cython.locals(node=Node)
cdef void send(Adjoints found, Py_ssize_t k, object share) except *
@cython.locals(node=Node)
cdef Py_ssize_t pass_floats(Adjoints found, Py_ssize_t k) except -2
@cython.locals(a=double, b=double, code=int)
cdef void pass_float(Adjoints found, Node node, double ct) except *
@cython.locals(node=Node)
cdef double value_of(object x, unsigned int when) except? -1.5
@cython.locals(k=Py_ssize_t)
cdef void send_float(Adjoints found, Node node, double share) except *
@cython.locals(k=Py_ssize_t)
cdef void send_element(Adjoints found, Node node, Py_ssize_t index, double share) except *
@cython.locals(node=Node, what=Detail)
cdef void pass_on(Adjoints found, Py_ssize_t k) except *
@cython.locals(row=Linear, plain_numbers=bint, begun=bint, i=Py_ssize_t, j=Py_ssize_t, p=Py_ssize_t)
cdef void pass_linear(Adjoints found, Detail what, object ct) except *
@cython.locals(what=Detail, code=int, ours=bint, whole=bint, rest=Py_ssize_t, p=Py_ssize_t, j=Py_ssize_t, i=int)
cdef bint pass_elementwise(Adjoints found, Py_ssize_t k, Node node) except -1
cpdef Adjoints adjoints(object root, object cotangent, list nodes=*)
cpdef Adjoints last_adjoints(list nodes, object cotangent)
cdef object run(Adjoints found, object cotangent)
