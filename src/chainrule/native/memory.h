/* Memory of the nodes of exact class Value: see memory.pxd.
 *
 * A node is one 64-byte block. It is not known to the garbage collector: a node refers to nodes that are
 * older than itself, so there are no cycles to find. Blocks come from slabs, in the order of their addresses (see
 * slabs.h). Nodes whose last reference was another dead node wait in a list and are taken down in a loop, so that a
 * chain of a million operations needs no deep stack. The global interpreter lock protects both.
 */
#ifndef CHAINRULE_MEMORY_H
#define CHAINRULE_MEMORY_H

#include "slabs.h"

enum { CHAINRULE_USED = 1 }; /* see flags.pxd */

static inline int chainrule_managed(PyObject *x) { return Py_TYPE(x) == chainrule_state->kind; }

/* Whether both are nodes of floats of one kind on the same level, from now on operands of something. */
static inline int chainrule_pair(PyObject *a, PyObject *b) {
    chainrule_node *x = (chainrule_node *)a, *y = (chainrule_node *)b;
    if (!chainrule_managed(a) || !chainrule_managed(b) || !x->scalar_kind) return 0;
    if (x->scalar_kind != y->scalar_kind || x->level != y->level) return 0;
    x->flags |= CHAINRULE_USED;
    y->flags |= CHAINRULE_USED;
    return 1;
}

static inline double chainrule_number(PyObject *x) { return ((chainrule_node *)x)->number; }

/* One reference less to an operand. A node that was the last to hold it waits for its turn: no call, no recursion. */
static inline void chainrule_drop(PyObject *operand) {
    if (operand == NULL) return;
    if (Py_TYPE(operand) != chainrule_state->kind || Py_REFCNT(operand) > 1) {
        Py_DECREF(operand);
        return;
    }
    chainrule_node *node = (chainrule_node *)operand;
    memcpy(&node->number, &chainrule_state->dead, sizeof node); /* its number is not read any more */
    chainrule_state->dead = node;
    __builtin_prefetch(node->left, 1); /* their reference counts are next: half of the time of freeing was waiting */
    __builtin_prefetch(node->right, 1);
}

static inline void chainrule_take_down(chainrule_node *node) {
    PyObject *left = node->left, *right = node->right;
    chainrule_give_block(node);
    chainrule_drop(left);
    chainrule_drop(right);
}

static void chainrule_dealloc(PyObject *object) {
    chainrule_node *node = (chainrule_node *)object;
    if (Py_TYPE(object) != chainrule_state->kind) { /* a subclass: its own memory */
        PyObject *left = node->left, *right = node->right;
        node->left = node->right = NULL;
        Py_TYPE(object)->tp_free(object);
        Py_XDECREF(left);
        Py_XDECREF(right);
        return;
    }
    if (chainrule_state->taking_down) { /* something else that a node held was its last holder */
        memcpy(&node->number, &chainrule_state->dead, sizeof node);
        chainrule_state->dead = node;
        return;
    }
    chainrule_state->taking_down = 1;
    chainrule_take_down(node);
    while ((node = chainrule_state->dead) != NULL) {
        memcpy(&chainrule_state->dead, &node->number, sizeof node);
        chainrule_take_down(node);
    }
    chainrule_state->taking_down = 0;
}

/* What type.__new__ calls. */
static PyObject *chainrule_alloc(PyTypeObject *kind, Py_ssize_t items) {
    chainrule_node *node;
    if (kind != chainrule_state->kind) return PyType_GenericAlloc(kind, items);
    node = (chainrule_node *)chainrule_take_block();
    if (node == NULL) return PyErr_NoMemory();
    memset(node, 0, sizeof(chainrule_node));
    return PyObject_Init((PyObject *)node, kind);
}

/* A node of the managed class; the caller fills in the numbers. */
static inline PyObject *chainrule_node_new(PyObject *left, PyObject *right) {
    chainrule_node *node = (chainrule_node *)chainrule_take_block();
    if (node == NULL) return PyErr_NoMemory();
#if defined(Py_TRACE_REFS) || defined(Py_REF_DEBUG) || defined(Py_GIL_DISABLED) || PY_VERSION_HEX < 0x030B0000
    PyObject_Init((PyObject *)node, chainrule_state->kind);
#else
    Py_SET_REFCNT((PyObject *)node, 1);
    Py_SET_TYPE((PyObject *)node, chainrule_state->kind);
#endif
    Py_INCREF(left);
    Py_INCREF(right);
    node->left = left;
    node->right = right;
    return (PyObject *)node;
}

/* A node for a float that an operator computed. */
static inline PyObject *chainrule_recorded(int code, PyObject *left, PyObject *right, unsigned int level, int kind,
                                           unsigned int version, double number) {
    chainrule_node *node = (chainrule_node *)chainrule_node_new(left, right);
    if (node == NULL) return NULL;
    node->number = number;
    node->total = 0.0;
    node->mark = 0;
    node->version = version;
    node->level = level;
    node->code = (unsigned char)code;
    node->scalar_kind = (unsigned char)kind;
    node->passes = node->flags = 0;
    return (PyObject *)node;
}

/* Whether the operand of a node with a code is a node, not a plain number or None. */
static inline int chainrule_refers(PyObject *operand) {
    return operand != Py_None && !PyFloat_CheckExact(operand) && !PyLong_CheckExact(operand);
}

/* Whether an input has more to say than its number. */
static inline int chainrule_has_detail(chainrule_node *node) { return node->left != Py_None; }

/* The float that an operand is; 0 for None. */
static inline double chainrule_number_in(PyObject *operand) {
    if (PyFloat_CheckExact(operand)) return PyFloat_AS_DOUBLE(operand);
    if (operand == Py_None) return 0.0;
    return PyLong_CheckExact(operand) ? PyLong_AsDouble(operand) : chainrule_number(operand);
}

/* The thread that may use the marks a pass leaves in `flags`. Rows of rare slopes run Python, so threads change there:
 * the others wait. 0 where the same thread asks again, from a finalizer, or where there is no memory for a lock. */
static inline int chainrule_claim(void) {
    unsigned long me = PyThread_get_thread_ident();
    if (chainrule_state->owner == me) return 0;
    if (chainrule_state->turn == NULL && (chainrule_state->turn = PyThread_allocate_lock()) == NULL) return 0;
    if (!PyThread_acquire_lock(chainrule_state->turn, NOWAIT_LOCK)) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(chainrule_state->turn, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
    chainrule_state->owner = me;
    return 1;
}

static inline void chainrule_disclaim(void) {
    chainrule_state->owner = 0;
    PyThread_release_lock(chainrule_state->turn);
}

/* A stack of nodes that something else keeps alive. */
typedef struct chainrule_pile {
    chainrule_node **nodes;
    Py_ssize_t count, room;
} chainrule_pile;

static int chainrule_grow(chainrule_pile *pile) {
    Py_ssize_t room = pile->room ? 2 * pile->room : 64;
    chainrule_node **nodes = (chainrule_node **)realloc(pile->nodes, room * sizeof(chainrule_node *));
    if (nodes == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    pile->nodes = nodes;
    pile->room = room;
    return 0;
}

static inline int chainrule_push(chainrule_pile *pile, chainrule_node *node) {
    if (pile->count == pile->room && chainrule_grow(pile) < 0) return -1;
    pile->nodes[pile->count++] = node;
    return 0;
}

static int chainrule_manage(PyTypeObject *kind) {
    PyTypeObject *type;
    if (kind->tp_basicsize != sizeof(chainrule_node)) {
        PyErr_SetString(PyExc_ImportError, "chainrule: memory.h and node.pxd disagree on the layout of a node");
        return -1;
    }
    /* Called once, before anything is made of these classes: they leave the garbage collector. */
    for (type = kind; type != NULL && PyType_IS_GC(type); type = type->tp_base) {
        type->tp_flags &= ~Py_TPFLAGS_HAVE_GC;
        type->tp_traverse = NULL;
        type->tp_clear = NULL;
        type->tp_free = PyObject_Free;
        type->tp_alloc = PyType_GenericAlloc;
    }
    /* Names may be added to them, as to any class of Python's: Value.swish = swish. */
    for (type = kind; type != NULL && type != &PyBaseObject_Type; type = type->tp_base) {
        type->tp_flags &= ~Py_TPFLAGS_IMMUTABLETYPE;
        PyType_Modified(type);
    }
    chainrule_state->kind = kind;
    kind->tp_dealloc = chainrule_dealloc;
    kind->tp_alloc = chainrule_alloc;
    return 0;
}
#endif
