from libc.stdlib cimport calloc, free


cdef inline double *doubles(Py_ssize_t count) except NULL:
    cdef double *block = <double *>calloc(count + 1, sizeof(double))
    if block == NULL:
        raise MemoryError
    return block


cdef inline unsigned char *marks(Py_ssize_t count) except NULL:
    cdef unsigned char *block = <unsigned char *>calloc(count + 1, 1)
    if block == NULL:
        raise MemoryError
    return block


cdef inline void release(void *block) noexcept:
    free(block)
