cimport cython


@cython.final
cdef class Step:
    cdef public object op, shape, dtype, line
    cdef public tuple args
    cdef public dict settings
    cdef public long long at


@cython.locals(new=Step)
cpdef Step noted(object op, tuple args, dict settings, object shape, object dtype, object line, long long at)


@cython.locals(found=list, args=tuple, k=Py_ssize_t)
cpdef tuple substituted(Step step, dict made)


@cython.final
cdef class Marked:
    cdef list _at
    cdef set _others
    @cython.locals(at=Py_ssize_t)
    cdef bint holds(self, Step step) except -1
    @cython.locals(at=Py_ssize_t)
    cdef int add(self, Step step) except -1


@cython.locals(listed=list, known=Marked, pending=list, step=Step, args=tuple, k=Py_ssize_t, length=Py_ssize_t)
cpdef list needed(object wanted)
@cython.locals(found=list, known=Marked, step=Step, varies=bint)
cpdef list unvarying(object steps, str constant)
@cython.locals(chosen=list, places=list, step=Step, last=cython.longlong)
cpdef list in_time(object steps, frozenset but)
