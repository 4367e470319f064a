cimport chainrule.native.dense as dense
from chainrule.numbers cimport StandIn, ndim, shape
from chainrule.ops.broadcasting cimport unbroadcast
from chainrule.ops.row cimport applied


cdef tuple _shape_of(object x)
cpdef Py_ssize_t normal_axis(object axis, Py_ssize_t dimensions) except -1
cpdef tuple normal_axes(object axis, Py_ssize_t dimensions)
cpdef object as_array(object x)
