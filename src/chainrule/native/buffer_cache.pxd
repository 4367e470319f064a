cdef extern from "buffer_cache.h":
    int chainrule_spare_start() except -1
    bint chainrule_spare_begin() except -1
    int chainrule_spare_end() except -1
    void chainrule_spare_clear() noexcept
    size_t chainrule_spare_bytes
    void chainrule_spare_empty()
    bint chainrule_large(tuple args) noexcept


cdef inline int start() except -1:
    return chainrule_spare_start()


cdef inline bint begin() except -1:
    return chainrule_spare_begin()


cdef inline int end() except -1:
    return chainrule_spare_end()


cdef inline bint large(tuple args) noexcept:
    return chainrule_large(args)


cdef inline size_t empty_address() noexcept:
    return <size_t>&chainrule_spare_empty


cdef inline size_t idle() noexcept:
    return chainrule_spare_bytes


cdef inline int clear() noexcept:
    chainrule_spare_clear()
    return 0
