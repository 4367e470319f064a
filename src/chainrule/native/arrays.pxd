cimport chainrule.native.opcodes as opcodes
from cpython.list cimport PyList_GET_ITEM

cdef extern from "arrays.h":
    int chainrule_arrays_start() except -1
    bint chainrule_changeable(object x) noexcept
    bint chainrule_floating(object x) noexcept
    bint chainrule_boolean(object x) noexcept
    bint chainrule_large_array(object x) noexcept
    Py_ssize_t chainrule_references(list kept, Py_ssize_t k) noexcept
    bint chainrule_doubles(object x) noexcept
    bint chainrule_alike(object x, object y) noexcept
    bint chainrule_akin(object x, object y) noexcept
    int chainrule_same(object a, object b) except -1
    object chainrule_fingerprint(object x)
    bint chainrule_sole(list kept, Py_ssize_t k) noexcept
    bint chainrule_own_doubles(list kept, Py_ssize_t k) noexcept
    bint chainrule_alone(list kept, Py_ssize_t k, object like) noexcept
    bint chainrule_into(object out, bint add, int code, int side, object ct, object y, object a, object b) noexcept
    object chainrule_over(object ct, int code, int side, object y, object a, object b)
    object chainrule_like(object y)
    object chainrule_packed(object ct, object y)


cdef inline int start() except -1:
    return chainrule_arrays_start()


cdef inline bint changeable(object x) noexcept:
    return chainrule_changeable(x)


cdef inline bint floating(object x) noexcept:
    return chainrule_floating(x)


cdef inline bint large(object x) noexcept:
    return chainrule_large_array(x)


cdef inline Py_ssize_t references(list kept, Py_ssize_t k) noexcept:
    return chainrule_references(kept, k)


cdef inline object contiguous(object ct):
    return chainrule_packed(ct, None)


cdef inline bint boolean(object x) noexcept:
    return chainrule_boolean(x)


cdef inline bint akin(object x, object y) noexcept:
    return chainrule_akin(x, y)


cdef inline object packed(object ct, object y):
    return ct if chainrule_doubles(y) and chainrule_alike(ct, y) else chainrule_packed(ct, y)


cdef inline bint alike(object x, object y) noexcept:
    return chainrule_alike(x, y)


cdef inline bint unscaled(int code, int side) noexcept:
    return code == opcodes.ADD or (code == opcodes.SUBTRACT and side == 0)


cdef inline object share(int code, int side, object ct, object y, object a, object b):
    found = chainrule_like(y)
    return found if chainrule_into(found, False, code, side, ct, y, a, b) else None


cdef inline object share_over(object ct, int code, int side, object y, object a, object b):
    return chainrule_over(ct, code, side, y, a, b)


cdef inline bint add_share(list kept, Py_ssize_t k, int code, int side, object ct, object y, object a, object b):
    return chainrule_alone(kept, k, y) and chainrule_doubles(kept[k]) and chainrule_into(<object>PyList_GET_ITEM(kept, k), True, code, side, ct, y, a, b)


cdef inline bint same(object a, object b) except -1:
    return chainrule_same(a, b)


cdef inline object fingerprint(object x):
    return chainrule_fingerprint(x)


cdef inline bint sole(list kept, Py_ssize_t k) noexcept:
    return chainrule_sole(kept, k)


cdef inline bint own_doubles(list kept, Py_ssize_t k) noexcept:
    return chainrule_own_doubles(kept, k)


cdef inline bint alone(list kept, Py_ssize_t k, object like) noexcept:
    return chainrule_alone(kept, k, like)
