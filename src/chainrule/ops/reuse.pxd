cimport chainrule.native.call as call
cimport chainrule.native.buffer_cache as buffer_cache
cdef object computed(object function, tuple args, dict settings)
cpdef object inside(object function, tuple args, dict settings)
cpdef object empty_address()
cdef object beside(object y, object function, tuple args)
cpdef object copied(object x)
cpdef object idle()
cpdef release_memory()
