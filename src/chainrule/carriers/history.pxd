cimport cython
cimport chainrule.carriers.blocks as blocks
cimport chainrule.carriers.clock as clock


@cython.final
cdef class History:
    cdef Py_ssize_t count, room
    cdef double *row

    @cython.locals(k=Py_ssize_t)
    cdef void add(self, double number, unsigned int until) noexcept
    @cython.locals(first=Py_ssize_t, k=Py_ssize_t)
    cdef Py_ssize_t place(self, unsigned int when, unsigned int now) noexcept
    cdef double number(self, Py_ssize_t place) noexcept
