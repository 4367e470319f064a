from chainrule.carriers.operators cimport Traced
from chainrule.ops.row cimport Operator


cdef class Viewed(Traced):
    cdef public object _origin, _primal, later, level
    cpdef object computed(self, Operator operator, tuple args, dict settings)
