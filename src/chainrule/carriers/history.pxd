cimport cython
cimport chainrule.carriers.blocks as blocks

cdef long long MODULUS


@cython.final
cdef class History:
    cdef Py_ssize_t count, room
    cdef double *row

    @cython.locals(k=Py_ssize_t)
    cdef void add(self, double number, unsigned int until) noexcept
    @cython.locals(first=Py_ssize_t, k=Py_ssize_t)
    cdef Py_ssize_t place(self, long long age, long long now) noexcept
    cdef double number(self, Py_ssize_t place) noexcept
