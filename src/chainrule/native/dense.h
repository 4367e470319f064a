/* Loops over dense arrays of float64 for what the rows ask most often: see dense.pxd. Where an array is of another
 * kind, they say so and NumPy is asked.
 */
#ifndef CHAINRULE_DENSE_H
#define CHAINRULE_DENSE_H

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

/* into += share, the axes from number `axis` on; elements are `si` and `sf` bytes apart. */
static void chainrule_add_along(int axis, int axes, const npy_intp *sizes, char *into, const npy_intp *si,
                                const char *share, const npy_intp *sf) {
    npy_intp k, count = axis < axes ? sizes[axis] : 1, step = axis < axes ? si[axis] : 0;
    npy_intp ahead = axis < axes ? sf[axis] : 0;
    for (k = 0; k < count; k++, into += step, share += ahead) {
        if (axis + 1 >= axes) *(double *)into += *(const double *)share;
        else chainrule_add_along(axis + 1, axes, sizes, into, si, share, sf);
    }
}

/* Whether `share` was added: NumPy's way to large arrays is the better one. */
static int chainrule_add_to(PyObject *x, PyObject *y) {
    PyArrayObject *into = (PyArrayObject *)x, *share = (PyArrayObject *)y;
    npy_intp strides[NPY_MAXDIMS], i, count;
    int k, axes, added;
    if (!PyArray_CheckExact(x) || !PyArray_CheckExact(y)) return 0;
    if (PyArray_TYPE(into) != NPY_DOUBLE || PyArray_TYPE(share) != NPY_DOUBLE) return 0;
    if (!PyArray_ISBEHAVED(into) || !PyArray_ISBEHAVED_RO(share)) return 0;
    count = PyArray_SIZE(into);
    if (count > 4096) return 0;
    if (PyArray_SAMESHAPE(into, share) && PyArray_IS_C_CONTIGUOUS(into) && PyArray_IS_C_CONTIGUOUS(share)) {
        double *total = (double *)PyArray_DATA(into);
        const double *from = (const double *)PyArray_DATA(share);
        for (i = 0; i < count; i++) total[i] += from[i];
        return 1;
    }
    axes = PyArray_NDIM(into);
    added = axes - PyArray_NDIM(share);
    if (count > 1024 || added < 0) return 0;
    for (k = 0; k < axes; k++) {
        npy_intp have = k < added ? 1 : PyArray_DIM(share, k - added);
        if (have != PyArray_DIM(into, k) && have != 1) return 0;
        strides[k] = have == 1 ? 0 : PyArray_STRIDE(share, k - added);
    }
    chainrule_add_along(0, axes, PyArray_DIMS(into), PyArray_BYTES(into), PyArray_STRIDES(into),
                        PyArray_BYTES(share), strides);
    return 1;
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

static inline PyObject *chainrule_dense_like(PyArrayObject *x) {
    return PyArray_EMPTY(PyArray_NDIM(x), PyArray_DIMS(x), NPY_DOUBLE, 0);
}

/* An array as its elements go with those of a dense one, row by row: it is repeated where it has fewer. */
typedef struct {
    PyArrayObject *whole, *part;
    npy_intp strides[NPY_MAXDIMS], rows, length, step;
} chainrule_rows;

static int chainrule_rows_start(chainrule_rows *rows, PyObject *whole, PyObject *part) {
    PyArrayObject *x = (PyArrayObject *)part;
    int k, axes, added;
    if (!chainrule_dense(whole) || !PyArray_CheckExact(part)) return 0;
    if (PyArray_TYPE(x) != NPY_DOUBLE || !PyArray_ISBEHAVED_RO(x)) return 0;
    rows->whole = (PyArrayObject *)whole;
    rows->part = x;
    axes = PyArray_NDIM(rows->whole);
    added = axes - PyArray_NDIM(x);
    if (added < 0) return 0;
    for (k = 0; k < axes; k++) {
        npy_intp have = k < added ? 1 : PyArray_DIM(x, k - added);
        if (have != PyArray_DIM(rows->whole, k) && have != 1) return 0;
        rows->strides[k] = have == 1 ? 0 : PyArray_STRIDE(x, k - added);
    }
    rows->length = axes ? PyArray_DIM(rows->whole, axes - 1) : 1;
    rows->step = axes ? rows->strides[axes - 1] : 0;
    rows->rows = rows->length ? PyArray_SIZE(rows->whole) / rows->length : 0;
    return 1;
}

static inline const char *chainrule_row(const chainrule_rows *rows, npy_intp row) {
    const char *at = PyArray_BYTES(rows->part);
    int k;
    for (k = PyArray_NDIM(rows->whole) - 2; k >= 0; k--) {
        at += row % PyArray_DIM(rows->whole, k) * rows->strides[k];
        row /= PyArray_DIM(rows->whole, k);
    }
    return at;
}

static PyObject *chainrule_dense_scaled(PyObject *ct, PyObject *partial) {
    chainrule_rows rows;
    PyObject *product;
    const double *slope;
    double *out;
    npy_intp i, row;
    if (!chainrule_rows_start(&rows, partial, ct)) Py_RETURN_NONE;
    product = chainrule_dense_like(rows.whole);
    if (product == NULL) return NULL;
    slope = (const double *)PyArray_DATA(rows.whole);
    out = (double *)PyArray_DATA((PyArrayObject *)product);
    for (row = 0; row < rows.rows; row++, slope += rows.length, out += rows.length) {
        const char *at = chainrule_row(&rows, row);
        if (rows.step == sizeof(double)) {
            for (i = 0; i < rows.length; i++) {
                const double c = ((const double *)at)[i], y = c * slope[i];
                out[i] = (y == y) | (c != 0.0) ? y : 0.0;
            }
        } else {
            for (i = 0; i < rows.length; i++) {
                const double c = *(const double *)(at + i * rows.step), y = c * slope[i];
                out[i] = (y == y) | (c != 0.0) ? y : 0.0;
            }
        }
    }
    return product;
}

/* y + y * e, e the rounding error of d = a - b: Knuth's TwoSum. */
static PyObject *chainrule_dense_corrected(PyObject *y, PyObject *a, PyObject *b, PyObject *d) {
    chainrule_rows rows;
    PyObject *result;
    const double *from, *value, *difference;
    double *out;
    npy_intp i, row;
    if (!chainrule_rows_start(&rows, a, b) || !chainrule_dense(y) || !chainrule_dense(d)) Py_RETURN_NONE;
    if (!PyArray_SAMESHAPE(rows.whole, (PyArrayObject *)y) || !PyArray_SAMESHAPE(rows.whole, (PyArrayObject *)d))
        Py_RETURN_NONE;
    result = chainrule_dense_like(rows.whole);
    if (result == NULL) return NULL;
    from = (const double *)PyArray_DATA(rows.whole);
    value = (const double *)PyArray_DATA((PyArrayObject *)y);
    difference = (const double *)PyArray_DATA((PyArrayObject *)d);
    out = (double *)PyArray_DATA((PyArrayObject *)result);
    for (row = 0; row < rows.rows; row++) {
        const char *at = chainrule_row(&rows, row);
        for (i = 0; i < rows.length; i++) {
            const double taken = *(const double *)(at + i * rows.step), left = *difference++, minuend = *from++;
            const double back = minuend - left;
            const double error = (minuend - (left + back)) + (back - taken);
            *out++ = *value + *value * error;
            value++;
        }
    }
    return result;
}

/* How many elements of x equal those of `top`; in `x_of`, of its shape, they become 0. -1: not dense. */
static npy_intp chainrule_dense_cleared(PyObject *x_of, PyObject *x, PyObject *top) {
    chainrule_rows rows;
    const double *from;
    double *out;
    npy_intp i, row, found = 0;
    if (!chainrule_rows_start(&rows, x, top) || !chainrule_dense(x_of)) return -1;
    if (!PyArray_SAMESHAPE(rows.whole, (PyArrayObject *)x_of) || !PyArray_ISWRITEABLE((PyArrayObject *)x_of))
        return -1;
    from = (const double *)PyArray_DATA(rows.whole);
    out = (double *)PyArray_DATA((PyArrayObject *)x_of);
    for (row = 0; row < rows.rows; row++, from += rows.length, out += rows.length) {
        const char *at = chainrule_row(&rows, row);
        for (i = 0; i < rows.length; i++) {
            const int hit = from[i] == *(const double *)(at + i * rows.step);
            found += hit;
            if (hit) out[i] = 0.0;
        }
    }
    return found;
}

static PyObject *chainrule_dense_ties(PyObject *x, PyObject *y) {
    chainrule_rows rows;
    PyObject *result;
    const double *from;
    double *out;
    npy_intp i, row, found = 0;
    int missing = 0;
    if (!chainrule_rows_start(&rows, x, y)) Py_RETURN_NONE;
    result = chainrule_dense_like(rows.whole);
    if (result == NULL) return NULL;
    from = (const double *)PyArray_DATA(rows.whole);
    out = (double *)PyArray_DATA((PyArrayObject *)result);
    for (row = 0; row < rows.rows; row++, from += rows.length, out += rows.length) {
        const char *at = chainrule_row(&rows, row);
        for (i = 0; i < rows.length; i++) {
            const double most = *(const double *)(at + i * rows.step);
            const int hit = from[i] == most;
            found += hit;
            missing |= most != most;
            out[i] = hit;
        }
    }
    if (found == PyArray_SIZE(rows.part) && !missing) return result;
    Py_DECREF(result);
    Py_RETURN_NONE;
}

/* -1: not dense */
static inline int chainrule_dense_finite(PyObject *x) {
    const double *at;
    npy_intp i, count;
    int found = 1;
    if (!chainrule_dense(x)) return -1;
    at = (const double *)PyArray_DATA((PyArrayObject *)x);
    count = PyArray_SIZE((PyArrayObject *)x);
    for (i = 0; i < count; i++) found &= at[i] - at[i] == 0.0;
    return found;
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
#endif
