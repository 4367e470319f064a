cimport chainrule.ops.reuse as reuse

cpdef object pushed(object level, object operator, object y, tuple args, list tangents, object masks, dict settings)
cdef bint _by_floats(object operator, object y, tuple args, list tangents, object masks) except -1
