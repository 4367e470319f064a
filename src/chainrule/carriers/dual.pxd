cimport cython
from chainrule.carriers.operands cimport in_one_type
from chainrule.carriers.operators cimport Traced
from chainrule.ops.row cimport Operator, applied


cdef class Dual(Traced):
    cdef public object _origin, _primal, later, level, mask, tangent
    @cython.locals(dual=Dual)
    cdef object _computed(self, Operator operator, tuple args, dict settings)
