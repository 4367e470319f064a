cimport cython
from chainrule.carriers.float_duals cimport Moving, moved
from chainrule.carriers.operands cimport in_one_type
from chainrule.ops.row cimport Operator, applied
from chainrule.ops.tangents cimport pushed


cdef class Dual(Moving):
    @cython.locals(dual=Dual)
    cpdef object computed(self, Operator operator, tuple args, dict settings)
