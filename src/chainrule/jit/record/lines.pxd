cimport cython


@cython.final
cdef class Lines:
    cdef public set _frames
    cdef public dict _known
    cdef public str _line

    @cython.locals(remembered=bint, passed=list, known=tuple, of=str)
    cpdef str now(self)
    @cython.locals(known=tuple)
    cdef tuple _of(self, object frame)
    @cython.locals(lines=dict)
    cdef str written(self, object frame, tuple known)
