/* Memory that large arrays left, for the next ones of their size.
 *
 * NumPy lets an allocator be put in place of its own for a while (NEP 49); an array remembers which one its memory came
 * from and gives it back there, wherever and whenever it dies. This one keeps what is large. Everything it has comes
 * from NumPy's own allocator, so that either may free it.
 *
 * What is kept belongs to the one module that includes this: `reuse`.
 */
#ifndef CHAINRULE_SPARE_H
#define CHAINRULE_SPARE_H

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <string.h>
#include <numpy/arrayobject.h>

#define CHAINRULE_LARGE 65536                       /* bytes; smaller ones are mostly handed on by C libraries */
#define CHAINRULE_SPARE_BYTES ((size_t)256 << 20)   /* kept at most */
#define CHAINRULE_SPARES 1024

typedef struct {
    void *memory;
    size_t size;
} chainrule_spare;

static chainrule_spare chainrule_spares[CHAINRULE_SPARES]; /* the last one given is last: caches may hold it */
static int chainrule_spare_count = 0;
static size_t chainrule_spare_bytes = 0;
static char chainrule_spare_busy = 0; /* who finds it so does without, and does not wait */
static PyDataMemAllocator *chainrule_numpys = NULL;
static PyObject *chainrule_spare_handler = NULL;

static void *chainrule_spare_take(size_t size) {
    void *found = NULL;
    int k;
    if (size < CHAINRULE_LARGE || __atomic_test_and_set(&chainrule_spare_busy, __ATOMIC_ACQUIRE)) return NULL;
    for (k = chainrule_spare_count - 1; k >= 0 && chainrule_spares[k].size != size; k--) {}
    if (k >= 0) {
        found = chainrule_spares[k].memory;
        chainrule_spare_count--;
        chainrule_spare_bytes -= size;
        memmove(chainrule_spares + k, chainrule_spares + k + 1, (chainrule_spare_count - k) * sizeof(chainrule_spare));
    }
    __atomic_clear(&chainrule_spare_busy, __ATOMIC_RELEASE);
    return found;
}

/* Whether it is kept. The oldest ones make room. */
static int chainrule_spare_keep(void *memory, size_t size) {
    if (size < CHAINRULE_LARGE || size > CHAINRULE_SPARE_BYTES) return 0;
    if (__atomic_test_and_set(&chainrule_spare_busy, __ATOMIC_ACQUIRE)) return 0;
    while (chainrule_spare_count == CHAINRULE_SPARES || chainrule_spare_bytes + size > CHAINRULE_SPARE_BYTES) {
        chainrule_spare oldest = chainrule_spares[0];
        chainrule_spare_count--;
        chainrule_spare_bytes -= oldest.size;
        memmove(chainrule_spares, chainrule_spares + 1, chainrule_spare_count * sizeof(chainrule_spare));
        chainrule_numpys->free(chainrule_numpys->ctx, oldest.memory, oldest.size);
    }
    chainrule_spares[chainrule_spare_count].memory = memory;
    chainrule_spares[chainrule_spare_count++].size = size;
    chainrule_spare_bytes += size;
    __atomic_clear(&chainrule_spare_busy, __ATOMIC_RELEASE);
    return 1;
}

/* Gives everything back, if no other thread is at it. */
static void chainrule_spare_clear(void) {
    if (__atomic_test_and_set(&chainrule_spare_busy, __ATOMIC_ACQUIRE)) return;
    while (chainrule_spare_count > 0) {
        chainrule_spare last = chainrule_spares[--chainrule_spare_count];
        chainrule_numpys->free(chainrule_numpys->ctx, last.memory, last.size);
    }
    chainrule_spare_bytes = 0;
    __atomic_clear(&chainrule_spare_busy, __ATOMIC_RELEASE);
}

/* Where there is no more memory, what is kept makes room. */
#define CHAINRULE_OR_AFTER_CLEARING(ALLOCATION) \
    void *fresh = ALLOCATION;                   \
    if (fresh != NULL) return fresh;            \
    chainrule_spare_clear();                    \
    return ALLOCATION;

static void *chainrule_spare_malloc(void *ctx, size_t size) {
    void *found = chainrule_spare_take(size);
    if (found != NULL) return found;
    CHAINRULE_OR_AFTER_CLEARING(chainrule_numpys->malloc(chainrule_numpys->ctx, size))
}

static void *chainrule_spare_calloc(void *ctx, size_t count, size_t each) {
    void *found = each == 0 || count > (size_t)-1 / each ? NULL : chainrule_spare_take(count * each);
    if (found != NULL) return memset(found, 0, count * each);
    CHAINRULE_OR_AFTER_CLEARING(chainrule_numpys->calloc(chainrule_numpys->ctx, count, each))
}

static void *chainrule_spare_realloc(void *ctx, void *memory, size_t size) {
    CHAINRULE_OR_AFTER_CLEARING(chainrule_numpys->realloc(chainrule_numpys->ctx, memory, size))
}

static void chainrule_spare_free(void *ctx, void *memory, size_t size) {
    if (memory == NULL || !chainrule_spare_keep(memory, size))
        chainrule_numpys->free(chainrule_numpys->ctx, memory, size);
}

static PyDataMem_Handler chainrule_spare_allocator = {
    "chainrule", 1, {NULL, chainrule_spare_malloc, chainrule_spare_calloc, chainrule_spare_realloc, chainrule_spare_free}
};

static int chainrule_spare_start(void) {
    PyDataMem_Handler *numpys;
    if (PyArray_API == NULL && _import_array() < 0) return -1;
    numpys = (PyDataMem_Handler *)PyCapsule_GetPointer(PyDataMem_DefaultHandler, "mem_handler");
    if (numpys == NULL) return -1;
    chainrule_numpys = &numpys->allocator;
    chainrule_spare_handler = PyCapsule_New(&chainrule_spare_allocator, "mem_handler", NULL);
    return chainrule_spare_handler == NULL ? -1 : 0;
}

/* 1 if `next` took the place of `expected`; 0 where another allocator is at work, which the user chose. */
static int chainrule_spare_replace(PyObject *expected, PyObject *next) {
    PyObject *before = PyDataMem_GetHandler();
    if (before == NULL) return -1;
    Py_DECREF(before);
    if (before != expected) return 0;
    before = PyDataMem_SetHandler(next);
    Py_XDECREF(before);
    return before == NULL ? -1 : 1;
}

static int chainrule_spare_begin(void) {
    return chainrule_spare_replace(PyDataMem_DefaultHandler, chainrule_spare_handler);
}

static int chainrule_spare_end(void) {
    return chainrule_spare_replace(chainrule_spare_handler, PyDataMem_DefaultHandler);
}

/* PyArray_Empty in the memory that earlier arrays left: for machine code that is made at run time. */
static PyObject *chainrule_spare_empty(int axes, npy_intp *shape, PyArray_Descr *dtype, int fortran) {
    int begun = chainrule_spare_begin();
    PyObject *made;
    if (begun < 0) {
        Py_DECREF(dtype);
        return NULL;
    }
    made = PyArray_Empty(axes, shape, dtype, fortran);
    if (begun && chainrule_spare_end() < 0) Py_CLEAR(made);
    return made;
}

static inline int chainrule_large(PyObject *args) {
    Py_ssize_t k;
    for (k = 0; k < PyTuple_GET_SIZE(args); k++) {
        PyObject *x = PyTuple_GET_ITEM(args, k);
        if (PyArray_CheckExact(x) && PyArray_NBYTES((PyArrayObject *)x) >= CHAINRULE_LARGE) return 1;
    }
    return 0;
}
#endif
