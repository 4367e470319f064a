cimport chainrule.native.libm as libm
from chainrule.sweeps.adjoints cimport Adjoints
from chainrule.sweeps.cotangents cimport nested, spoiled


cdef bint begun(Adjoints found, object cotangent) except -1
cdef void look_again(Adjoints found, object cotangent) except *
cdef bint went_on(Adjoints found, Py_ssize_t k) except -1
