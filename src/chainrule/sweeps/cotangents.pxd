cimport chainrule.native.dense as dense
from chainrule.numbers cimport shape

cpdef bint missing(object x) except -1
