cimport chainrule.ops.call as call
cimport chainrule.ops.spare as spare
cdef object computed(object function, tuple args, dict settings)
cdef object inside(object function, tuple args, dict settings)
cpdef object copied(object x)
cpdef object idle()
cpdef release_memory()
