cimport cython
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.carriers.node as node
cimport chainrule.carriers.versions as versions
cimport chainrule.sweeps.gradients as gradients
cimport chainrule.values.arithmetic as arithmetic
cimport chainrule.values.recorder as recorder
from chainrule.carriers.detail cimport Detail, described
from chainrule.values.arithmetic cimport Arithmetic


cdef class Value(Arithmetic):
    pass


@cython.locals(found=Detail, first=Value)
cdef object _made_by_hand(Value self, tuple children, str symbol)
