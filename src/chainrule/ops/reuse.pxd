cimport chainrule.ops.call as call
cimport chainrule.ops.spare as spare


cdef dict NOTHING


cdef bint begin() except -1
cdef int end() except -1
cdef object computed(object function, tuple args, dict settings)
cpdef object copied(object x)
cpdef object idle()
cpdef clear()
