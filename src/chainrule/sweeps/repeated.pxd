cimport chainrule.native.libm as libm
from chainrule.sweeps.adjoints cimport Adjoints
from chainrule.sweeps.cotangents cimport nested, spoiled


cdef Py_ssize_t begun(Adjoints found, object cotangent) except -2
cdef void look_again(Adjoints found, object cotangent, Py_ssize_t before) except *
