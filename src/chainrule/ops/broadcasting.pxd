from chainrule.numbers cimport ndim, shape
from chainrule.ops.row cimport applied


cpdef object keep_axes(object y, object x, dict settings)
cpdef object unbroadcast(object ct, tuple target)
