cimport chainrule.native.dense as dense
from chainrule.numbers cimport ndim, shape
from chainrule.ops.broadcasting cimport unbroadcast
from chainrule.ops.row cimport applied


cpdef object where(object condition, object a, object b)
