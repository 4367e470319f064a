cimport chainrule.ops.call as call
cimport chainrule.ops.spare as spare


cdef dict NOTHING
cdef object computed(object function, tuple args, dict settings)
cpdef object copied(object x)
cpdef object idle()
cpdef release_memory()
