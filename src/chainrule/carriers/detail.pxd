cimport cython


cdef class Detail:
    cdef public object data, grad, op, label, later, view
    cdef public tuple operands, parents, active
    cdef public dict settings
    cdef public bint exposed, lent, shared
    cdef public unsigned char code
    cdef public unsigned int uses


@cython.locals(found=Detail)
cpdef Detail described(object op, tuple operands, tuple parents, tuple active, dict settings, object data)
