from chainrule.transforms.derived cimport Derived


cdef class ValueAndGradient(Derived):
    cdef public object argnums
    cdef public bint has_aux, verify, single

    cpdef object computed(self, tuple args, dict settings)
    cdef tuple both(self, tuple args, dict settings)


cdef class Gradient(ValueAndGradient):
    cpdef object computed(self, tuple args, dict settings)
