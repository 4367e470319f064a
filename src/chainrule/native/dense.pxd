cdef extern from "dense.h":
    int chainrule_dense_start() except -1
    bint chainrule_add_to(object total, object share) noexcept
    object chainrule_where(object condition, object a, object b)
    object PyArray_Concatenate(object arrays, int axis)
    object chainrule_broadcast(object x, tuple shape)
    object chainrule_dense_scaled(object ct, object partial)
    object chainrule_dense_ties(object x, object y)
    object chainrule_dense_corrected(object y, object a, object b, object d)
    Py_ssize_t chainrule_dense_cleared(object x_of, object x, object top) noexcept
    int chainrule_dense_finite(object x) noexcept
    int chainrule_dense_nan(object x) noexcept
    bint chainrule_plain_arrays(tuple args) noexcept

import numpy as np


cdef inline int start() except -1:
    return chainrule_dense_start()


cdef inline bint plain_arrays(tuple args) noexcept:
    return chainrule_plain_arrays(args)


cdef inline object broadcast(object x, tuple shape):
    view = chainrule_broadcast(x, shape)
    return np.broadcast_to(x, shape) if view is None else view


cdef inline int add_to(object total, object share) except -1:
    if not chainrule_add_to(total, share):
        np.add(total, share, total)
    return 0


cdef inline object where(object condition, object a, object b):
    return chainrule_where(condition, a, b) if chainrule_plain_arrays((condition, a, b)) else np.where(condition, a, b)[()]


cdef inline object concatenate(tuple arrays, int axis):
    return PyArray_Concatenate(arrays, axis) if chainrule_plain_arrays(arrays) else np.concatenate(arrays, axis=axis)


cdef inline object scaled(object ct, object partial):
    return chainrule_dense_scaled(ct, partial)


cdef inline bint has_nan(object x) except -1:
    cdef int found = chainrule_dense_nan(x)
    if found >= 0:
        return found
    total = np.add.reduce(x, axis=None)
    return total != total


cdef inline object ties(object x, object y):
    return chainrule_dense_ties(x, y)


cdef inline bint finite(object x) except -1:
    cdef int found = chainrule_dense_finite(x)
    return found if found >= 0 else np.isfinite(np.add.reduce(x, axis=None))


cdef inline object corrected(object y, object a, object b, object d):
    found = chainrule_dense_corrected(y, a, b, d)
    if found is None:
        with np.errstate(invalid="ignore"):
            back = a - d
            found = y + y * ((a - (d + back)) + (back - b))
    return found


cdef inline Py_ssize_t cleared(object x_of, object x, object top) except -1:
    cdef Py_ssize_t found = chainrule_dense_cleared(x_of, x, top)
    if found < 0:
        hit = np.equal(x, top)
        np.copyto(x_of, 0.0, where=hit)
        found = np.count_nonzero(hit)
    return found
