cimport cython
cimport chainrule.carriers.float_rules as float_rules
cimport chainrule.native.libm as libm
cimport chainrule.native.opcodes as opcodes
from chainrule.carriers.assignment.viewed cimport Viewed
from chainrule.carriers.operators cimport Traced
from chainrule.inputs cimport refuse_ended
from chainrule.ops.row cimport Operator

cdef long long EXACT
cdef int OTHER, STANDS, MOVES


cdef class Moving(Viewed):
    cdef public object mask, tangent


cpdef object moved(Operator operator, tuple args, Moving like)
cdef object _open(int code, object left, object right, Moving like)
@cython.locals(first=bint, a=double, b=double, by_a=double, by_b=double, t=double, y=double, share=double, x=Moving, z=Moving)
cdef object _binary(int code, object left, object right, Moving like)
@cython.locals(first=int, second=int, x=Moving, z=Moving)
cdef object _nested(int code, object left, object right, Moving like)
@cython.locals(operand=Moving)
cdef int _place(object x, Moving like) except -1
@cython.locals(below=Moving)
cdef bint _single(object x) except -1
@cython.locals(a=double, by=double, y=double)
cdef object _unary(int code, Moving x)
cdef bint _alike(Moving x, Moving like) except -1
cdef bint _plain(object x) except -1
@cython.locals(chooses=bint)
cdef object _pair(int code, Moving like, double y, double t, bint still)
@cython.locals(new=Moving)
cdef object _made(Moving like, object y, object t)
