cimport cython
from chainrule.ops.row cimport applied
from chainrule.sweeps.storage cimport Storage


cdef class Adjoints(Storage):
    @cython.final
    cdef void send(self, Py_ssize_t k, object share) except *
    cpdef of(self, node)
