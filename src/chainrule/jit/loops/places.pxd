cimport cython
from chainrule.jit.step cimport Step


@cython.final
cdef class Places:
    cdef public list steps
    cdef public dict outside
    cdef dict _beyond, _bits, _others
    cdef list _times
    cdef long long _first, _last

    @cython.locals(k=Py_ssize_t, step=Step)
    cdef void _place(self) except *
    @cython.locals(now=cython.longlong, k=Py_ssize_t)
    cpdef Py_ssize_t at(self, Step step) except? -1
    @cython.locals(found=list)
    cpdef list all(self, object steps)
    @cython.locals(k=Py_ssize_t)
    cpdef object number(self, Step step)
    cdef object _from_outside(self, Step step)
    @cython.locals(counts=list, numbers=list, one=Step, args=tuple)
    cpdef tuple read(self)
    @cython.locals(found=dict, own=list, one=Step)
    cpdef tuple sorts(self, bint any_index)


@cython.locals(index=object)
cpdef object described(Step step, bint any_index)
