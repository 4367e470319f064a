cimport chainrule.native.dense as dense
from chainrule.numbers cimport StandIn, ndim
from chainrule.ops.row cimport applied
from chainrule.ops.shape cimport as_array, normal_axes


cdef object _finite(object top)
