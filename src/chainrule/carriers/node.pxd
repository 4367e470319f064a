cimport cython
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.carriers.float_rules as float_rules
from chainrule.carriers.detail cimport Detail, described
from chainrule.carriers.operators cimport Traced

cdef unsigned int now


@cython.final
cdef class Outline:
    cdef readonly tuple shape
    cdef readonly object dtype


cdef class Node(Traced):
    # The order is that of memory.h.
    cdef double number, total
    cdef object left, right
    cdef unsigned int mark, version, stored_level
    cdef unsigned char code, scalar_kind
    cdef readonly unsigned char passes
    cdef unsigned char flags


cpdef object input_node(object kind, object data, double level)
cdef Node start(Node new, object data, double level)
@cython.locals(held=bint)
cdef Node general(Node new, Detail found, unsigned int level, object data)
@cython.locals(found=Detail)
cpdef describe(Node node, object op, tuple operands, tuple parents, tuple active, dict settings)
@cython.locals(found=Detail)
cdef bint settled(Node node) except -1
cdef bint hold(Node node, object data) except -1
cdef Detail detail(Node node)
@cython.locals(found=Detail)
cdef Detail widened(Node node)
cdef object number_of(Node node)
cdef object remains(Node node)
cpdef tuple residue(Node node)
cpdef object kept(Detail found, bint remembered=*)
cdef object _missing(Detail found)
