/* Values of rows that are one or two of NumPy's functions between sums and products, block by block: see fused.pxd.
 *
 * NumPy computes exp and log, and sin and cos far out, so that no digit depends on who computes the rest. The loops hold what IEEE 754 rounds in
 * one way, in the order of the formulas in ops/kernels.py. A block fits in the nearest cache.
 */
#ifndef CHAINRULE_FUSED_H
#define CHAINRULE_FUSED_H

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <fenv.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <numpy/arrayobject.h>

#define CHAINRULE_BLOCK 4096
enum { SIGMOID, SOFTPLUS, LOGADDEXP, SHARE, SECH2, GAUSS, GAUSS_SLOPE, ERF, SIN, COS };
#define CHAINRULE_FAR 1e4 /* from where on NumPy computes sin and cos */

static int chainrule_fused_start(void) { return PyArray_API == NULL ? _import_array() : 0; }

/* Compiled for several kinds of processors; the loader chooses. Both sides of a choice may be computed,
 * whatever the processor notices on the way: it is not asked for. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#define CHAINRULE_FUSED_WIDE __attribute__((target_clones("avx512f", "avx2", "default"), optimize("no-trapping-math")))
#else
#define CHAINRULE_FUSED_WIDE
#endif
#define EACH(...) for (k = 0; k < count; k++) { const double x = a[k]; __VA_ARGS__ }

/* x, 0 far out, and its square in two parts, the first exact. */
#define SPLIT                                                    \
    const double far = fabs(x) > 30.0 ? 0.0 : x;                 \
    const double high = (double)(float)far;                      \
    const double square = high * high;                           \
    const double rest = -((far - high) * (far + high));          \
    const double small = 1.0 + rest * (1.0 + rest * (0.5 + rest * (1.0 / 6.0)));
#define NEAREST const double size = fabs(x) > 6.0 ? 6.0 : fabs(x);

/* What exp is taken of. */
CHAINRULE_FUSED_WIDE
static void chainrule_fused_before(int kind, Py_ssize_t count, const double *__restrict a, const double *__restrict b,
                                   double *__restrict out) {
    Py_ssize_t k;
    switch (kind) {
    case SIGMOID:
    case SOFTPLUS: EACH(out[k] = -fabs(x);) break;
    case LOGADDEXP:
    case SHARE: EACH(out[k] = -fabs(x - b[k]);) break;
    case SECH2: EACH(out[k] = -2.0 * fabs(x);) break;
    case GAUSS: EACH(SPLIT (void)small; out[k] = -square;) break;
    case GAUSS_SLOPE: EACH(SPLIT (void)small; out[k] = -square / 2.0;) break;
    default: EACH(NEAREST out[k] = -(size * size);)
    }
}

static void chainrule_fused_plus_one(Py_ssize_t count, const double *__restrict t, double *__restrict out) {
    Py_ssize_t k;
    for (k = 0; k < count; k++) out[k] = 1.0 + t[k];
}

#define LOG1P const double one = 1.0 + e[k], rest = l[k] + (e[k] - (one - 1.0)) / one;

/* The result, from e, the exponentials, and l, the logarithms of 1 + e. */
CHAINRULE_FUSED_WIDE
static void chainrule_fused_after(int kind, Py_ssize_t count, const double *__restrict a, const double *__restrict b,
                                  const double *__restrict e, const double *__restrict l, double *__restrict out) {
    Py_ssize_t k;
    switch (kind) {
    case SIGMOID: EACH(const double above = x >= 0.0 ? 1.0 : e[k]; out[k] = above / (1.0 + e[k]);) break;
    case SOFTPLUS: EACH(LOG1P out[k] = rest + (x > 0.0 ? x : 0.0);) break;
    case LOGADDEXP:
        EACH(LOG1P const double y = b[k], twice = x + 0.6931471805599453, sum = (x > y ? x : y) + rest;
             out[k] = x == y ? twice : sum;)
        break;
    case SHARE:
        EACH(const double y = b[k], d = x - y, back = x - d, error = (x - (d + back)) + (back - y), one = 1.0 + e[k];
             const double share = (d >= 0.0 ? 1.0 : e[k]) / one, other = (-d >= 0.0 ? 1.0 : e[k]) / one;
             const double exact = share + share * (other * error);
             out[k] = error - error == 0.0 ? exact : share;)
        break;
    case SECH2: EACH(const double one = 1.0 + e[k]; (void)x; out[k] = 4.0 * e[k] / (one * one);) break;
    case GAUSS: EACH(SPLIT (void)square; const double y = e[k] * small; out[k] = fabs(x) > 30.0 ? 0.0 : y;) break;
    case GAUSS_SLOPE:
        EACH(SPLIT (void)square; const double y = -2.0 * far * small * e[k] * e[k];
             out[k] = fabs(x) > 30.0 ? copysign(0.0, -x) : y;)
        break;
    default:
        EACH(NEAREST const double u = x * x, t = (size - 3.0) / (size + 3.0);
             double near = -7.798543850549947e-10, far = 1.5442134945616102e-05;
             near = near * u + 1.3721520406351094e-08; far = far * t + 0.00010370874372707324;
             near = near * u + -1.6208829856810202e-07; far = far * t + 7.744569379683956e-05;
             near = near * u + 1.6447471190594618e-06; far = far * t + -0.0005802518684753088;
             near = near * u + -1.4924740785377576e-05; far = far * t + 0.0007136006785692408;
             near = near * u + 0.00012055295112667001; far = far * t + 0.004270495303012577;
             near = near * u + -0.0008548325982543225; far = far * t + -0.02439229690707815;
             near = near * u + 0.005223977607269946; far = far * t + 0.07166585444717923;
             near = near * u + -0.026866170643256995; far = far * t + -0.15011593599292522;
             near = near * u + 0.1128379167094513; far = far * t + 0.24560380167713725;
             near = near * u + -0.37612638903183543; far = far * t + -0.32623356004595544;
             near = near * u + 0.12837916709551256; far = far * t + 0.17900115118134305;
             near = x + x * near; far = copysign(1.0 - e[k] * far, x);
             out[k] = fabs(x) < 1.0 ? near : far;)
    }
}

/* sin and cos of numbers up to CHAINRULE_FAR; `shift` is 1 for cos. The number of quarter turns stands in the last bits
 * of a number that has no places for fractions. */
CHAINRULE_FUSED_WIDE
static void chainrule_fused_turned(int shift, Py_ssize_t count, const double *__restrict a, double *__restrict out) {
    Py_ssize_t k;
    EACH(const double size = fabs(x), shifted = size * 0.6366197723675814 + 6755399441055744.0;
         const double turns = shifted - 6755399441055744.0;
         const double first = size - turns * 1.5707963267941523, second = turns * 7.443547480480255e-13;
         const double sum = first - second, change = sum - first;
         const double rest = turns * 6.36831716351095e-25 - ((first - (sum - change)) - (second + change));
         const double y = sum - rest, tail = (sum - y) - rest, u = y * y, cube = u * y, half = 0.5 * u, one = 1.0 - half;
         double odd = 1.58969099521155010221e-10, even = -1.13596475577881948265e-11;
         odd = odd * u + -2.50507602534068634195e-08; even = even * u + 2.08757232129817482790e-09;
         odd = odd * u + 2.75573137070700676789e-06; even = even * u + -2.75573143513906633035e-07;
         odd = odd * u + -1.98412698298579493134e-04; even = even * u + 2.48015872894767294178e-05;
         odd = odd * u + 8.33333333332248946124e-03; even = even * u + -1.38888888888741095749e-03;
         even = even * u + 4.16666666666666019037e-02;
         odd = y - ((u * (0.5 * tail - cube * odd) - tail) - cube * -1.66666666666666324348e-01);
         even = one + (((1.0 - one) - half) + (u * (u * even) - y * tail));
         int64_t quarter; memcpy(&quarter, &shifted, 8); quarter += shift;
         const double found = quarter & 1 ? even : odd, turned = quarter & 2 ? -found : found;
         out[k] = shift ? turned : turned * copysign(1.0, x);)
}

/* The numbers that are far out, 0 in place of the others; whether there is one. */
static int chainrule_fused_far(Py_ssize_t count, const double *__restrict a, double *__restrict out) {
    int found = 0;
    Py_ssize_t k;
    for (k = 0; k < count && fabs(a[k]) <= CHAINRULE_FAR; k++) {}
    for (found = k < count, k = 0; found && k < count; k++) out[k] = fabs(a[k]) <= CHAINRULE_FAR ? 0.0 : a[k];
    return found;
}

static inline int chainrule_fused_doubles(PyObject *x) {
    return PyArray_CheckExact(x) && PyArray_TYPE((PyArrayObject *)x) == NPY_DOUBLE &&
           PyArray_ISBEHAVED_RO((PyArrayObject *)x);
}

/* An operand's numbers: its own, or a block of one number, which is made in `filled`. */
static const double *chainrule_fused_numbers(PyObject *x, Py_ssize_t block, PyObject **filled) {
    double *numbers, number;
    Py_ssize_t k;
    if (PyArray_Check(x)) return (const double *)PyArray_DATA((PyArrayObject *)x);
    number = PyFloat_AS_DOUBLE(x);
    *filled = PyArray_EMPTY(1, &block, NPY_DOUBLE, 0);
    if (*filled == NULL) return NULL;
    numbers = (double *)PyArray_DATA((PyArrayObject *)*filled);
    for (k = 0; k < block; k++) numbers[k] = number;
    return numbers;
}

/* The first `count` numbers of a function of NumPy's, in place. */
static int chainrule_fused_apply(PyObject *function, PyObject *scratch, Py_ssize_t count) {
    PyObject *part = scratch, *done;
    if (count != PyArray_SIZE((PyArrayObject *)scratch)) part = PySequence_GetSlice(scratch, 0, count);
    else Py_INCREF(part);
    if (part == NULL) return -1;
    done = PyObject_CallFunctionObjArgs(function, part, part, NULL);
    Py_DECREF(part);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

static int chainrule_fused_blocks(int kind, PyObject *exp, PyObject *log, PyObject *first, PyObject *second,
                                  PyObject *result, Py_ssize_t block, PyObject **scratch) {
    const int logs = kind == SOFTPLUS || kind == LOGADDEXP;
    const Py_ssize_t count = PyArray_SIZE((PyArrayObject *)result);
    double *out = (double *)PyArray_DATA((PyArrayObject *)result), *e, *l;
    const double *a = chainrule_fused_numbers(first, block, scratch), *b = a;
    Py_ssize_t start, some, k;
    if (second != Py_None) b = chainrule_fused_numbers(second, block, scratch + 1);
    scratch[2] = PyArray_EMPTY(1, &block, NPY_DOUBLE, 0);
    scratch[3] = PyArray_EMPTY(1, &block, NPY_DOUBLE, 0);
    if (a == NULL || b == NULL || scratch[2] == NULL || scratch[3] == NULL) return -1;
    e = (double *)PyArray_DATA((PyArrayObject *)scratch[2]);
    l = (double *)PyArray_DATA((PyArrayObject *)scratch[3]);
    for (start = 0; start < count; start += block, out += block) {
        some = count - start < block ? count - start : block;
        if (kind >= SIN) {
            chainrule_fused_turned(kind == COS, some, a, out);
            if (chainrule_fused_far(some, a, e)) {
                if (chainrule_fused_apply(exp, scratch[2], some) < 0) return -1;
                for (k = 0; k < some; k++)
                    if (!(fabs(a[k]) <= CHAINRULE_FAR)) out[k] = e[k];
            }
            a += block;
            continue;
        }
        chainrule_fused_before(kind, some, a, b, e);
        if (chainrule_fused_apply(exp, scratch[2], some) < 0) return -1;
        if (logs) {
            chainrule_fused_plus_one(some, e, l);
            if (chainrule_fused_apply(log, scratch[3], some) < 0) return -1;
        }
        chainrule_fused_after(kind, some, a, b, e, l, out);
        if (scratch[0] == NULL) a += block;
        if (second == Py_None) b = a;
        else if (scratch[1] == NULL) b += block;
    }
    feclearexcept(FE_ALL_EXCEPT); /* as NumPy leaves it */
    return 0;
}

/* The value of operands of which the arrays lie in one piece. */
static PyObject *chainrule_fused_dense(int kind, PyObject *exp, PyObject *log, PyObject *first, PyObject *second) {
    PyArrayObject *like = (PyArrayObject *)(PyArray_Check(first) ? first : second);
    PyObject *result = PyArray_EMPTY(PyArray_NDIM(like), PyArray_DIMS(like), NPY_DOUBLE, 0);
    PyObject *scratch[4] = {NULL, NULL, NULL, NULL};
    const Py_ssize_t count = PyArray_SIZE(like), block = count < CHAINRULE_BLOCK ? count : CHAINRULE_BLOCK;
    int k, failed;
    if (result == NULL) return NULL;
    failed = chainrule_fused_blocks(kind, exp, log, first, second, result, block, scratch);
    for (k = 0; k < 4; k++) Py_XDECREF(scratch[k]);
    if (failed) {
        Py_DECREF(result);
        return NULL;
    }
    return PyArray_Return((PyArrayObject *)result);
}

/* `x`, an array in one piece. */
static inline PyObject *chainrule_fused_packed(PyObject *x) {
    if (PyArray_Check(x)) return (PyObject *)PyArray_GETCONTIGUOUS((PyArrayObject *)x);
    Py_INCREF(x);
    return x;
}

/* None where an operand is no array of float64, nor a number beside one of the same shape, nor one of NumPy's alone. */
static PyObject *chainrule_fused(int kind, PyObject *exp, PyObject *log, PyObject *first, PyObject *second) {
    const int left = chainrule_fused_doubles(first), right = second != Py_None && chainrule_fused_doubles(second);
    const int number = second == Py_None && PyArray_IsScalar(first, Double);
    PyObject *a, *b, *result = NULL;
    if (!left && !number && !(right && PyFloat_Check(first))) Py_RETURN_NONE;
    if (left && second != Py_None && !right && !PyFloat_Check(second)) Py_RETURN_NONE;
    if (left && right && !PyArray_SAMESHAPE((PyArrayObject *)first, (PyArrayObject *)second)) Py_RETURN_NONE;
    a = number ? PyArray_FromScalar(first, NULL) : chainrule_fused_packed(first);
    b = chainrule_fused_packed(second);
    if (a != NULL && b != NULL) result = chainrule_fused_dense(kind, exp, log, a, b);
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}
#undef EACH
#undef SPLIT
#undef NEAREST
#undef LOG1P
#endif
