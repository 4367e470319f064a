cimport cython
from chainrule.carriers.assignment.viewed cimport Viewed
from chainrule.carriers.operands cimport in_one_type
from chainrule.ops.row cimport Operator, applied
from chainrule.ops.tangents cimport pushed


cdef class Dual(Viewed):
    cdef public object mask, tangent
    @cython.locals(dual=Dual)
    cpdef object computed(self, Operator operator, tuple args, dict settings)
