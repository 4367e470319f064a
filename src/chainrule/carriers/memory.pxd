from cpython.object cimport PyTypeObject
from libc.stdlib cimport calloc, free

from chainrule.carriers.node cimport Node

cdef extern from "memory.h":
    object chainrule_node_new(object left, object right)
    bint chainrule_managed(object x) noexcept
    bint paired "chainrule_pair" (object a, object b) noexcept
    double number "chainrule_number" (object x) noexcept
    object recorded "chainrule_recorded" (
        int code, object left, object right, unsigned int level, int kind, unsigned int clock, double number
    )
    int chainrule_manage(PyTypeObject *kind) except -1


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


cdef inline double *doubles(Py_ssize_t count) except NULL:
    cdef double *block = <double *>calloc(count + 1, sizeof(double))
    if block == NULL:
        raise MemoryError
    return block


cdef inline unsigned char *marks(Py_ssize_t count) except NULL:
    cdef unsigned char *block = <unsigned char *>calloc(count + 1, 1)
    if block == NULL:
        raise MemoryError
    return block


cdef inline void release(void *block) noexcept:
    free(block)
