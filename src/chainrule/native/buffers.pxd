from libc.stdlib cimport calloc, free


cdef inline double *doubles(Py_ssize_t count) except NULL:
    cdef double *buffer = <double *>calloc(count + 1, sizeof(double))
    if buffer == NULL:
        raise MemoryError
    return buffer


cdef inline unsigned char *marks(Py_ssize_t count) except NULL:
    cdef unsigned char *buffer = <unsigned char *>calloc(count + 1, 1)
    if buffer == NULL:
        raise MemoryError
    return buffer


cdef inline void release(void *buffer) noexcept:
    free(buffer)
