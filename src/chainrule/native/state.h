/* What exists once for all compiled modules: the class of nodes, the slabs of their blocks, nodes that wait to be taken
 * down, and the thread whose turn it is.
 *
 * The first module that starts makes it and leaves a capsule in chainrule.native.memory, where the others find it. A
 * static variable of a header would exist once in each module.
 */
#ifndef CHAINRULE_STATE_H
#define CHAINRULE_STATE_H

#include <Python.h>
#include <stdlib.h>

typedef struct chainrule_node {
    PyObject_HEAD
    double number, total;
    PyObject *left, *right;
    unsigned int mark, version, level;
    unsigned char code, scalar_kind, passes, flags;
} chainrule_node;

typedef struct chainrule_gap {
    struct chainrule_gap *next;
} chainrule_gap;

/* What a slab begins with. `used` counts the blocks that were not given back, those not taken yet among them. */
typedef struct chainrule_slab {
    chainrule_gap *gaps;
    struct chainrule_slab *next, *before;
    int used;
} chainrule_slab;

typedef struct chainrule_once {
    PyTypeObject *kind;             /* the class whose memory is managed */
    char *next_block, *last_block;  /* of the open slab */
    chainrule_slab *open;           /* the one that blocks are taken from */
    int gaps;                       /* whether it is filled a second time */
    int empties;                    /* how many are in `empty`, */
    chainrule_slab *empty;          /* a list by `next` of slabs without a block in use */
    chainrule_slab mixed;           /* a ring, of those with gaps */
    chainrule_node *dead;           /* nodes that wait to be taken down */
    int taking_down;                /* whether a thread is about it */
    unsigned long owner;            /* the thread that may use the marks a pass leaves in `flags` */
    PyThread_type_lock turn;
} chainrule_once;

#define CHAINRULE_STATE "chainrule.native.memory.state"

static chainrule_once *chainrule_state = NULL;

/* Called by each module once, before anything else of memory.h. */
static int chainrule_memory_start(void) {
    PyObject *module = PyImport_ImportModule("chainrule.native.memory"), *capsule = NULL;
    if (module == NULL) return -1;
    capsule = PyObject_GetAttrString(module, "state");
    if (capsule == Py_None) {
        chainrule_once *made = (chainrule_once *)calloc(1, sizeof(chainrule_once));
        Py_DECREF(capsule);
        if (made == NULL) {
            capsule = PyErr_NoMemory();
        } else {
            made->mixed.next = made->mixed.before = &made->mixed;
            capsule = PyCapsule_New(made, CHAINRULE_STATE, NULL); /* never freed: nodes may outlive every module */
            if (capsule != NULL && PyObject_SetAttrString(module, "state", capsule) < 0) Py_CLEAR(capsule);
        }
    }
    Py_DECREF(module);
    if (capsule == NULL) return -1;
    chainrule_state = (chainrule_once *)PyCapsule_GetPointer(capsule, CHAINRULE_STATE);
    Py_DECREF(capsule);
    return chainrule_state == NULL ? -1 : 0;
}
#endif
