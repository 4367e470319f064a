from cpython.list cimport PyList_GET_ITEM

cdef extern from "arrays.h":
    int chainrule_arrays_start() except -1
    bint chainrule_floating(object x) noexcept
    bint chainrule_doubles(object x) noexcept
    bint chainrule_alike(object x, object y) noexcept
    bint chainrule_alone(list kept, Py_ssize_t k, object like) noexcept
    bint chainrule_into(object out, bint add, int code, int side, object ct, object y, object a, object b) noexcept
    object chainrule_like(object y)


cdef inline int start() except -1:
    return chainrule_arrays_start()


cdef inline bint floating(object x) noexcept:
    return chainrule_floating(x)


cdef inline bint ready(object ct, object y) noexcept:
    return chainrule_doubles(y) and chainrule_alike(ct, y)


cdef inline object share(int code, int side, object ct, object y, object a, object b):
    found = chainrule_like(y)
    return found if chainrule_into(found, False, code, side, ct, y, a, b) else None


cdef inline bint add_share(list kept, Py_ssize_t k, int code, int side, object ct, object y, object a, object b):
    return chainrule_alone(kept, k, y) and chainrule_into(<object>PyList_GET_ITEM(kept, k), True, code, side, ct, y, a, b)


cdef inline bint alone(list kept, Py_ssize_t k, object like) noexcept:
    return chainrule_doubles(like) and chainrule_alone(kept, k, like)
