cimport chainrule.native.dense as dense
from chainrule.numbers cimport Carrier, StandIn, ndim, shape
from chainrule.ops.row cimport applied
from chainrule.ops.shape cimport normal_axis


cpdef object recording(object index)
cpdef bint is_basic(object index) except -1
cpdef object getitem(object x, object index)
cpdef object plain_index(object index)
cdef bint _is_bound(object bound) noexcept
