cimport cython
cimport chainrule.native.buffers as buffers
cimport chainrule.native.version as version


@cython.final
cdef class Versions:
    cdef Py_ssize_t count, room
    cdef double *row

    @cython.locals(k=Py_ssize_t)
    cdef void add(self, double number, unsigned int until) noexcept
    @cython.locals(first=Py_ssize_t, k=Py_ssize_t)
    cdef Py_ssize_t place(self, unsigned int when, unsigned int now) noexcept
    @cython.locals(k=Py_ssize_t)
    cdef double at(self, unsigned int when, unsigned int now, str label) except? -1.5
