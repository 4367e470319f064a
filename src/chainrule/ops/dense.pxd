cdef extern from *:
    """
    #define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
    #include <numpy/arrayobject.h>

    static int chainrule_dense_start(void) { return PyArray_API == NULL ? _import_array() : 0; }

    static inline int chainrule_dense(PyObject *x) {
        return PyArray_CheckExact(x) && PyArray_TYPE((PyArrayObject *)x) == NPY_DOUBLE &&
               PyArray_ISCARRAY_RO((PyArrayObject *)x);
    }

    /* Whether all are arrays of numbers of no class of their own, or Python's floats. */
    static inline int chainrule_plain_arrays(PyObject *args) {
        Py_ssize_t k;
        int found = 0;
        for (k = 0; k < PyTuple_GET_SIZE(args); k++) {
            PyObject *x = PyTuple_GET_ITEM(args, k);
            if (PyArray_CheckExact(x)) {
                if (PyArray_TYPE((PyArrayObject *)x) == NPY_OBJECT) return 0;
                found = 1;
            } else if (!PyFloat_CheckExact(x)) return 0;
        }
        return found;
    }

    /* Not less than NumPy: the question whether an operand has a way of its own is answered already. */
    static inline PyObject *chainrule_where(PyObject *condition, PyObject *a, PyObject *b) {
        PyObject *chosen = PyArray_Where(condition, a, b);
        return chosen == NULL ? NULL : PyArray_Return((PyArrayObject *)chosen);
    }

    /* None: something is unusual, NumPy shall do it or refuse. */
    static PyObject *chainrule_broadcast(PyObject *given, PyObject *shape) {
        npy_intp sizes[NPY_MAXDIMS], strides[NPY_MAXDIMS];
        Py_ssize_t count = PyTuple_GET_SIZE(shape), k;
        PyArrayObject *x;
        PyArray_Descr *kind;
        PyObject *view;
        int added;
        if (count > NPY_MAXDIMS) Py_RETURN_NONE;
        if (!PyArray_CheckExact(given) && !PyFloat_Check(given)) Py_RETURN_NONE;
        for (k = 0; k < count; k++) {
            sizes[k] = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, k));
            if (sizes[k] == -1 && PyErr_Occurred()) return NULL;
            if (sizes[k] < 0) Py_RETURN_NONE;
        }
        x = (PyArrayObject *)PyArray_FromAny(given, NULL, 0, 0, 0, NULL);
        if (x == NULL) return NULL;
        added = (int)count - PyArray_NDIM(x);
        for (k = 0; k < count && added >= 0; k++) {
            npy_intp have = k < added ? 1 : PyArray_DIM(x, k - added);
            if (have != sizes[k] && have != 1) added = -1;
            else strides[k] = k < added || have != sizes[k] ? 0 : PyArray_STRIDE(x, k - added);
        }
        if (added < 0) {
            Py_DECREF(x);
            Py_RETURN_NONE;
        }
        kind = PyArray_DESCR(x);
        Py_INCREF(kind);
        view = PyArray_NewFromDescr(&PyArray_Type, kind, (int)count, sizes, strides, PyArray_DATA(x),
                                    PyArray_FLAGS(x) & NPY_ARRAY_ALIGNED, NULL);
        if (view == NULL) {
            Py_DECREF(x);
            return NULL;
        }
        if (PyArray_SetBaseObject((PyArrayObject *)view, (PyObject *)x) < 0) Py_CLEAR(view); /* takes x in any case */
        return view;
    }

    static PyObject *chainrule_dense_scaled(PyObject *ct, PyObject *partial) {
        PyObject *product;
        const double *a, *b;
        double *out;
        npy_intp i, count;
        if (!chainrule_dense(ct) || !chainrule_dense(partial) ||
            !PyArray_SAMESHAPE((PyArrayObject *)ct, (PyArrayObject *)partial)) Py_RETURN_NONE;
        product = PyArray_EMPTY(PyArray_NDIM((PyArrayObject *)ct), PyArray_DIMS((PyArrayObject *)ct), NPY_DOUBLE, 0);
        if (product == NULL) return NULL;
        a = (const double *)PyArray_DATA((PyArrayObject *)ct);
        b = (const double *)PyArray_DATA((PyArrayObject *)partial);
        out = (double *)PyArray_DATA((PyArrayObject *)product);
        count = PyArray_SIZE((PyArrayObject *)ct);
        for (i = 0; i < count; i++) {
            const double c = a[i], y = c * b[i];
            out[i] = (y == y) | (c != 0.0) ? y : 0.0;
        }
        return product;
    }

    /* -1: not dense */
    static inline int chainrule_dense_nan(PyObject *x) {
        const double *at;
        npy_intp i, count;
        int found = 0;
        if (!chainrule_dense(x)) return -1;
        at = (const double *)PyArray_DATA((PyArrayObject *)x);
        count = PyArray_SIZE((PyArrayObject *)x);
        for (i = 0; i < count; i++) found |= at[i] != at[i];
        return found;
    }
    """
    int chainrule_dense_start() except -1
    object chainrule_where(object condition, object a, object b)
    object PyArray_Concatenate(object arrays, int axis)
    object chainrule_broadcast(object x, tuple shape)
    object chainrule_dense_scaled(object ct, object partial)
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


cdef inline object where(object condition, object a, object b):
    return chainrule_where(condition, a, b)


cdef inline object concatenate(tuple arrays, int axis):
    return PyArray_Concatenate(arrays, axis)


cdef inline object scaled(object ct, object partial):
    return chainrule_dense_scaled(ct, partial)


cdef inline bint has_nan(object x) except -1:
    cdef int found = chainrule_dense_nan(x)
    if found >= 0:
        return found
    total = np.add.reduce(x, axis=None)
    return total != total
