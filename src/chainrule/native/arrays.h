/* Shares of contiguous arrays of doubles, in one loop each: see arrays.pxd.
 *
 * The formulas are those of the operator table's rows for arrays, to the last bit: only sums, products, quotients
 * and comparisons, which IEEE 754 rounds in one way. Where a row takes another path for some elements (a quotient
 * near overflow), nothing is computed here and the row is asked.
 */
#ifndef CHAINRULE_ARRAYS_H
#define CHAINRULE_ARRAYS_H

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <numpy/arrayobject.h>

static int chainrule_arrays_start(void) { return PyArray_API == NULL ? _import_array() : 0; }

/* Whether anyone can write to the memory: a flag that says read-only can be taken back, but not that of bytes. */
static inline int chainrule_changeable(PyObject *x) {
    while (x != NULL && PyArray_Check(x)) {
        if (PyArray_ISWRITEABLE((PyArrayObject *)x)) return 1;
        x = PyArray_BASE((PyArrayObject *)x);
    }
    return x == NULL || !PyBytes_Check(x);
}

static inline int chainrule_floating(PyObject *x) {
    int type;
    if (!PyArray_CheckExact(x)) return 0;
    type = PyArray_TYPE((PyArrayObject *)x);
    return type == NPY_DOUBLE || type == NPY_FLOAT;
}

static inline int chainrule_large_array(PyObject *x) {
    return chainrule_floating(x) && PyArray_NBYTES((PyArrayObject *)x) >= 65536 && PyArray_IS_C_CONTIGUOUS((PyArrayObject *)x);
}

static inline int chainrule_boolean(PyObject *x) {
    return PyArray_CheckExact(x) && PyArray_TYPE((PyArrayObject *)x) == NPY_BOOL;
}

static inline int chainrule_doubles(PyObject *x) {
    return PyArray_CheckExact(x) && PyArray_TYPE((PyArrayObject *)x) == NPY_DOUBLE &&
           PyArray_ISCARRAY_RO((PyArrayObject *)x);
}

static inline int chainrule_alike(PyObject *x, PyObject *y) {
    return chainrule_doubles(x) && PyArray_SAMESHAPE((PyArrayObject *)x, (PyArrayObject *)y);
}

/* Whether both are arrays of one floating type. */
static inline int chainrule_akin(PyObject *x, PyObject *y) {
    return chainrule_floating(x) && PyArray_CheckExact(y) &&
           PyArray_TYPE((PyArrayObject *)x) == PyArray_TYPE((PyArrayObject *)y);
}

/* Whether two arrays hold the same bytes: nan equals itself, and -0.0 is not 0.0. */
static int chainrule_same(PyObject *x, PyObject *y) {
    PyArrayObject *a = (PyArrayObject *)x, *b = (PyArrayObject *)y, *packed;
    int found;
    if (!PyArray_SAMESHAPE(a, b)) return 0;
    if (PyArray_TYPE(a) == PyArray_TYPE(b) && PyArray_TYPE(a) < NPY_OBJECT && PyArray_ISCARRAY_RO(a) && PyArray_ISCARRAY_RO(b))
        return memcmp(PyArray_DATA(a), PyArray_DATA(b), PyArray_NBYTES(a)) == 0;
    if (!PyArray_EquivTypes(PyArray_DESCR(a), PyArray_DESCR(b))) return 0;
    packed = (PyArrayObject *)PyArray_ContiguousFromAny(y, PyArray_TYPE(b), 0, 0);
    if (packed == NULL) return -1;
    found = PyArray_IS_C_CONTIGUOUS(a) && memcmp(PyArray_DATA(a), PyArray_DATA(packed), PyArray_NBYTES(a)) == 0;
    Py_DECREF(packed);
    return found;
}

/* Compiled twice, the second time for processors with AVX2; the loader chooses. No sum and product become one rounding. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define CHAINRULE_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define CHAINRULE_WIDE
#endif

/* The bytes of an array in C order as 16 numbers of 64 bits. Each step maps what it has and what it reads one to one, so
 * that a change of one number changes them for certain, and one of several but by a chance of 1 in 2^64. The bytes are
 * read once, in a quarter of the time of comparing them with a copy. */
#define CHAINRULE_LANES 16
CHAINRULE_WIDE
static void chainrule_mix(uint64_t *state, const char *at, Py_ssize_t count) {
    uint64_t own[CHAINRULE_LANES], x;
    int k;
    memcpy(own, state, sizeof own);
    for (; count > 0; count--, at += sizeof own) {
        for (k = 0; k < CHAINRULE_LANES; k++) {
            memcpy(&x, at + k * sizeof x, sizeof x);
            x ^= own[k];
            x += x << 7;
            own[k] = x ^ (x >> 23);
        }
    }
    memcpy(state, own, sizeof own);
}

static PyObject *chainrule_fingerprint(PyObject *x) {
    PyArrayObject *a = PyArray_GETCONTIGUOUS((PyArrayObject *)x);
    uint64_t state[CHAINRULE_LANES];
    char last[sizeof state] = {0};
    const char *at;
    Py_ssize_t size, whole, k;
    if (a == NULL) return NULL;
    at = (const char *)PyArray_DATA(a);
    size = PyArray_NBYTES(a);
    whole = size - size % (Py_ssize_t)sizeof state;
    for (k = 0; k < CHAINRULE_LANES; k++) state[k] = (uint64_t)(size + k);
    chainrule_mix(state, at, whole / (Py_ssize_t)sizeof state);
    memcpy(last, at + whole, (size_t)(size - whole));
    chainrule_mix(state, last, 1);
    Py_DECREF(a);
    return PyBytes_FromStringAndSize((const char *)state, sizeof state);
}

/* The references to item number k of a list; -1 where other threads' are not seen. */
static inline Py_ssize_t chainrule_references(PyObject *list, Py_ssize_t k) {
#ifdef Py_GIL_DISABLED
    return -1;
#else
    return Py_REFCNT(PyList_GET_ITEM(list, k));
#endif
}

/* Whether item number k of a list is an array with memory of its own without other references. */
static inline int chainrule_sole(PyObject *list, Py_ssize_t k) {
#ifdef Py_GIL_DISABLED
    return 0; /* other threads' references are not seen */
#else
    PyObject *x = PyList_GET_ITEM(list, k);
    return Py_REFCNT(x) == 1 && PyArray_CheckExact(x) && PyArray_CHKFLAGS((PyArrayObject *)x, NPY_ARRAY_OWNDATA) &&
           PyArray_ISWRITEABLE((PyArrayObject *)x);
#endif
}

static inline int chainrule_own_doubles(PyObject *list, Py_ssize_t k) {
    return chainrule_sole(list, k) && PyArray_TYPE((PyArrayObject *)PyList_GET_ITEM(list, k)) == NPY_DOUBLE;
}

/* The same of an array of doubles, if `like` is one of its shape. */
static inline int chainrule_alone(PyObject *list, Py_ssize_t k, PyObject *like) {
    PyArrayObject *x = (PyArrayObject *)PyList_GET_ITEM(list, k), *y = (PyArrayObject *)like;
    return chainrule_sole(list, k) && PyArray_TYPE(x) == NPY_DOUBLE && PyArray_CheckExact(like) &&
           PyArray_TYPE(y) == NPY_DOUBLE && PyArray_SAMESHAPE(x, y);
}

/* An operand: the elements of an array like `like`, or one number for all of them (step 0). */
typedef struct {
    const double *at;
    double number;
    int step;
} chainrule_elements;

static inline int chainrule_operand(PyObject *x, PyObject *like, chainrule_elements *found) {
    found->step = 0;
    found->number = 0.0;
    if (x == Py_None) return 1;
    if (PyFloat_CheckExact(x)) {
        found->number = PyFloat_AS_DOUBLE(x);
        return 1;
    }
    if (!chainrule_alike(x, like)) return 0;
    found->at = (const double *)PyArray_DATA((PyArrayObject *)x);
    found->step = 1;
    return 1;
}

static inline double chainrule_max_weight(double a, double b) {
    double share = (double)(a > b) + 0.5 * (double)(a == b);
    return (a != a) | (b != b) ? (double)NAN : share;
}

static inline double chainrule_not_negative(double x) { return x >= 0.0 ? x + 0.0 : (double)NAN; }

static inline double chainrule_heaviside0(double x) { return x > 0.0 ? 1.0 : x != x ? x : 0.0; }

static inline double chainrule_sign(double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x != x ? x : 0.0; }

static inline int chainrule_normal(double x) {
    return 2.2250738585072014e-308 <= fabs(x) && fabs(x) <= 1.7976931348623157e308;
}

#if defined(__GNUC__) && !defined(__clang__)
#define SAME_PLACES _Pragma("GCC ivdep") /* out may be ct: element i is read before it is written */
#else
#define SAME_PLACES
#endif

/* The loops over all elements for one share of the cotangent element c; u and v are the operands', w the result's. */
#define LOOP(U, V, INTO, SHARE)                                  \
    SAME_PLACES                                                  \
    for (i = 0; i < count; i++) {                                \
        const double c = ct[i], u = U, v = V, w = y[i];          \
        (void)u, (void)v, (void)w;                               \
        out[i] INTO SHARE;                                       \
    }
#define LOOPS(INTO, SHARE)                                       \
    if (a.step && b.step) { LOOP(a.at[i], b.at[i], INTO, SHARE) } \
    else if (a.step) { LOOP(a.at[i], b.number, INTO, SHARE) }    \
    else { LOOP(a.number, b.at[i], INTO, SHARE) }
#define EACH(SHARE)                                              \
    if (add) { LOOPS(+=, SHARE) } else { LOOPS(=, SHARE) }       \
    return 1;
#define SLOPE(S) EACH(c * (S))
/* Whether S, of u and w, is in the normal range for all elements: if not, the row computes share and slope at once. */
#define WITHIN(S)                                                                  \
    for (i = 0; i < count; i++) {                                                  \
        const double v = b.step ? b.at[i] : b.number, w = y[i];                    \
        (void)v, (void)w;                                                          \
        if (!chainrule_normal(S)) return 0;                                        \
    }

/* opcodes: made by `python -m chainrule.made` */
enum {
    ADD = 2, SUBTRACT = 3, MULTIPLY = 4, DIVIDE = 5, MAXIMUM = 6, MINIMUM = 7, POWER = 8, RECIPROCAL = 9, NEGATIVE = 10, SQUARE = 11,
    ABSOLUTE = 12, EXP = 13, EXPM1 = 14, LOG = 15, LOG1P = 16, SQRT = 17, SINH = 18, COSH = 19, TANH = 20, SIGMOID = 21, RELU = 22,
    SIN = 23, COS = 24, TAN = 25, ARCTAN = 26, ELEMENT = 27
};
/* opcodes: end */

CHAINRULE_WIDE
static int chainrule_share(int code, int side, Py_ssize_t count, const double *ct, const double *y,
                           chainrule_elements a, chainrule_elements b, double *out, int add) {
    Py_ssize_t i;
    if (code == DIVIDE && side) { /* the row computes it with other digits near the ends of the range */
        if (b.step == 0) return 0;
        for (i = 0; i < count; i++)
            if (!chainrule_normal(y[i]) || !chainrule_normal(y[i] / b.at[i])) return 0;
        SLOPE(-(w / v))
    }
    switch (code) {
    /* shares: made by `python -m chainrule.made` */
    case ADD: EACH(c)
    case SUBTRACT: if (side == 0) { EACH(c) } else { EACH(-c) }
    case MULTIPLY: if (side == 0) { SLOPE(v) } else { SLOPE(u) }
    case DIVIDE: if (side == 0) { WITHIN(1.0 / v) SLOPE(1.0 / v) } return 0;
    case MAXIMUM: if (side == 0) { SLOPE(chainrule_max_weight(u, v)) } else { SLOPE(chainrule_max_weight(v, u)) }
    case MINIMUM: if (side == 0) { SLOPE(chainrule_max_weight(v, u)) } else { SLOPE(chainrule_max_weight(u, v)) }
    case RECIPROCAL: WITHIN(-(w * w)) SLOPE(-(w * w))
    case NEGATIVE: EACH(-c)
    case SQUARE: SLOPE(2.0 * u)
    case ABSOLUTE: SLOPE(chainrule_sign(u))
    case EXP: SLOPE(w)
    case LOG: SLOPE(1.0 / chainrule_not_negative(u))
    case LOG1P: SLOPE(1.0 / chainrule_not_negative(1.0 + u))
    case SQRT: SLOPE(1.0 / (2.0 * chainrule_not_negative(w)))
    case RELU: SLOPE(chainrule_heaviside0(u))
    case TAN: SLOPE(1.0 + (w * w))
    /* shares: end */
    default: return 0;
    }
}

/* Whether a share is the same whatever the operand that it goes to. */
static inline int chainrule_constant(int code, int side) {
    return code == ADD || code == SUBTRACT || code == MULTIPLY || (code == DIVIDE && side == 0);
}

/* An operand, if its elements are known, or not asked for. One that is repeated along the first axes of y has fewer
 * elements than y: `period` becomes their number, unless it is another's already. */
static inline int chainrule_periodic(PyObject *x, PyObject *y, int needed, chainrule_elements *found, Py_ssize_t *period) {
    PyArrayObject *part = (PyArrayObject *)x, *whole = (PyArrayObject *)y;
    int k, lead;
    if (chainrule_operand(x, y, found)) return 1;
    if (!needed) return 1; /* the step is 0 */
    if (!chainrule_doubles(x) || PyArray_NDIM(part) == 0 || PyArray_SIZE(part) == 0) return 0;
    lead = PyArray_NDIM(whole) - PyArray_NDIM(part);
    for (k = 0; k < PyArray_NDIM(part); k++)
        if (lead < 0 || PyArray_DIM(part, k) != PyArray_DIM(whole, k + lead)) return 0;
    if (*period != PyArray_SIZE(whole)) return 0;
    *period = PyArray_SIZE(part);
    found->at = (const double *)PyArray_DATA(part);
    found->step = 2;
    return 1;
}

/* Let a vector that is repeated for every few elements of y be repeated in `tile`: loops are longer then. */
#define CHAINRULE_PART 1024
static inline void chainrule_tiled(chainrule_elements *a, chainrule_elements *b, Py_ssize_t count, Py_ssize_t *period, double *tile) {
    chainrule_elements *repeated = a->step == 2 ? a : b;
    Py_ssize_t k, size;
    if (repeated->step != 2 || !*period) return;
    size = (count < CHAINRULE_PART ? count : CHAINRULE_PART) / *period * *period;
    if (size <= *period) return;
    memcpy(tile, repeated->at, *period * sizeof(double));
    for (k = *period; k < size; k++) tile[k] = tile[k - *period];
    repeated->at = tile;
    *period = size;
}

/* Whether the share of operand number `side` was put into `out`, or added to it, in the shape of y. */
static inline int chainrule_into(PyObject *out, int add, int code, int side, PyObject *ct, PyObject *y, PyObject *first,
                                 PyObject *second) {
    const Py_ssize_t count = PyArray_SIZE((PyArrayObject *)y);
    Py_ssize_t period = count, start;
    const double *c = (const double *)PyArray_DATA((PyArrayObject *)ct), *w = (const double *)PyArray_DATA((PyArrayObject *)y);
    double *into = (double *)PyArray_DATA((PyArrayObject *)out);
    const int constant = chainrule_constant(code, side);
    double tile[CHAINRULE_PART];
    chainrule_elements a, b;
    if (!chainrule_periodic(first, y, side == 1 || !constant, &a, &period)) return 0;
    if (!chainrule_periodic(second, y, side == 0 || !constant, &b, &period)) return 0;
    if (!a.step && !b.step) return 0;
    if (period == count) return chainrule_share(code, side, count, c, w, a, b, into, add);
    if (code == DIVIDE && side == 1) return 0; /* might find an unusual quotient half way */
    chainrule_tiled(&a, &b, count, &period, tile);
    for (start = 0; start < count; start += period) {
        if (!chainrule_share(code, side, count - start < period ? count - start : period, c + start, w + start, a, b, into + start, add)) return 0;
        if (a.step == 1) a.at += period;
        if (b.step == 1) b.at += period;
    }
    return 1;
}

/* `ct` in one piece, for the loops above; None if it is not of the type and shape of y (None: of any shape). */
static inline PyObject *chainrule_packed(PyObject *ct, PyObject *y) {
    if (PyArray_CheckExact(ct) && PyArray_TYPE((PyArrayObject *)ct) == NPY_DOUBLE &&
        PyArray_ISBEHAVED_RO((PyArrayObject *)ct) &&
        (y == Py_None || (chainrule_doubles(y) && PyArray_SAMESHAPE((PyArrayObject *)ct, (PyArrayObject *)y))))
        return (PyObject *)PyArray_GETCONTIGUOUS((PyArrayObject *)ct);
    Py_RETURN_NONE;
}

/* Memory for a share: an array like y. */
static inline PyObject *chainrule_like(PyObject *y) {
    return PyArray_EMPTY(PyArray_NDIM((PyArrayObject *)y), PyArray_DIMS((PyArrayObject *)y), NPY_DOUBLE, 0);
}

/* The shares of `count` elements from `start`. */
static int chainrule_piece(int code, int side, Py_ssize_t start, Py_ssize_t count, Py_ssize_t period, const double *ct,
                           const double *y, chainrule_elements a, chainrule_elements b, double *out) {
    Py_ssize_t n, done, place = period ? start % period : 0;
    for (n = 0; n < count; n += done, place = 0) {
        chainrule_elements u = a, v = b;
        done = count - n < period - place ? count - n : period - place;
        if (a.step) u.at += a.step == 1 ? start + n : place;
        if (b.step) v.at += b.step == 1 ? start + n : place;
        if (!chainrule_share(code, side, done, ct + start + n, y + start + n, u, v, out + n, 0)) return 0;
    }
    return 1;
}

/* The share in the memory of its cotangent, part by part, while the processor notices nothing. Then it takes memory of
 * its own: the cotangent keeps the rest, and is 0 before it. None: ask the row. */
static PyObject *chainrule_over(PyObject *ct, int code, int side, PyObject *y, PyObject *first, PyObject *second) {
    const Py_ssize_t count = PyArray_SIZE((PyArrayObject *)y);
    Py_ssize_t period = count, start, size;
    double *c = (double *)PyArray_DATA((PyArrayObject *)ct), *into, part[CHAINRULE_PART], tile[CHAINRULE_PART];
    const double *w = (const double *)PyArray_DATA((PyArrayObject *)y);
    const int constant = chainrule_constant(code, side);
    chainrule_elements a, b;
    PyObject *found;
    if (!chainrule_periodic(first, y, side == 1 || !constant, &a, &period) ||
        !chainrule_periodic(second, y, side == 0 || !constant, &b, &period) || (!a.step && !b.step))
        Py_RETURN_NONE;
    chainrule_tiled(&a, &b, count, &period, tile);
    for (start = 0; start < count && code != DIVIDE && code != RECIPROCAL; start += size) { /* these two may stop half way */
        size = period < CHAINRULE_PART ? period : CHAINRULE_PART;
        size = count - start < size ? count - start : size;
        if (!chainrule_piece(code, side, start, size, period, c, w, a, b, part)) Py_RETURN_NONE; /* already of the first */
        if (fetestexcept(FE_UNDERFLOW | FE_OVERFLOW)) break;
        memcpy(c + start, part, size * sizeof(double));
    }
    if (start == count) {
        Py_INCREF(ct);
        return ct;
    }
    if ((found = chainrule_like(y)) == NULL) return NULL;
    into = (double *)PyArray_DATA((PyArrayObject *)found);
    if (code == DIVIDE || code == RECIPROCAL) {
        if (chainrule_into(found, 0, code, side, ct, y, first, second)) return found;
        Py_DECREF(found);
        Py_RETURN_NONE;
    }
    memcpy(into, c, start * sizeof(double));
    memset(c, 0, start * sizeof(double));
    chainrule_piece(code, side, start, count - start, period, c, w, a, b, into + start);
    return found;
}
#undef LOOP
#undef LOOPS
#undef EACH
#undef SLOPE
#endif
