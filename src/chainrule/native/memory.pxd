from cpython.object cimport PyObject, PyTypeObject
from libc.stdlib cimport calloc, free

from chainrule.carriers.node cimport Node

cdef extern from "Python.h":
    void hide "PyObject_GC_UnTrack"(object x)

cdef extern from "memory.h":
    int chainrule_memory_start() except -1
    object chainrule_node_new(object left, object right)
    bint chainrule_managed(object x) noexcept
    bint paired "chainrule_pair" (object a, object b) noexcept
    double number "chainrule_number" (object x) noexcept
    object recorded "chainrule_recorded" (
        int code, object left, object right, unsigned int level, int kind, unsigned int version, double number
    )
    int chainrule_manage(PyTypeObject *kind) except -1
    ctypedef struct Raw "chainrule_node":
        double number, total
        PyObject *left
        PyObject *right
        unsigned int version
        unsigned char code, scalar_kind, passes, flags
    bint claim "chainrule_claim" () noexcept
    void disclaim "chainrule_disclaim" () noexcept
    bint has_detail "chainrule_has_detail" (Raw *node) noexcept
    bint refers "chainrule_refers" (PyObject *operand) noexcept
    double number_in "chainrule_number_in" (PyObject *operand) noexcept
    ctypedef struct Pile "chainrule_pile":
        Raw **nodes
        Py_ssize_t count
    int push "chainrule_push" (Pile *pile, Raw *node) except -1


cdef inline int start() except -1:
    return chainrule_memory_start()


cdef inline Node node(object left, object right):
    return <Node>chainrule_node_new(left, right)


cdef inline Node sure(object x):
    return <Node>x


cdef inline bint managed(object x) noexcept:
    return chainrule_managed(x)


cdef inline int manage(object kind) except -1:
    return chainrule_manage(<PyTypeObject *>kind)


cdef inline bint is_node(object operand) noexcept:
    return operand is not None and type(operand) is not float and type(operand) is not int


cdef inline void enter() noexcept:
    pass


cdef inline void leave() noexcept:
    pass


cdef inline Pile *pile() except NULL:
    cdef Pile *new = <Pile *>calloc(1, sizeof(Pile))
    if new == NULL:
        raise MemoryError
    return new


cdef inline Raw *top(Pile *pile) noexcept:
    return pile.nodes[pile.count - 1]


cdef inline Raw *at(Pile *pile, Py_ssize_t k) noexcept:
    return pile.nodes[k]


cdef inline Raw *pop(Pile *pile) noexcept:
    pile.count -= 1
    return pile.nodes[pile.count]


cdef inline Py_ssize_t height(Pile *pile) noexcept:
    return pile.count


cdef inline void scrap(Pile *pile) noexcept:
    free(pile.nodes)
    free(pile)


cdef inline Raw *borrowed(PyObject *operand) noexcept:
    return <Raw *>operand


cdef inline Raw *loan(object node) noexcept:
    return <Raw *><PyObject *>node
