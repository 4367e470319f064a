cimport cython
cimport chainrule.native.collector as collector
from chainrule.jit.record.lines cimport Lines
from chainrule.numbers cimport StandIn


cdef class Recorded(StandIn):
    cdef public object run, step, value, later, viewed, _origin


cdef class RecordedArray(Recorded):
    pass


cdef class Trace:
    cdef public object number, array, _finite
    cdef public list inputs, guards, captured, reads
    cdef public bint catches, masks, over
    cdef public dict _constants, _counted, _floats, _shapes
    cdef public set _guarded
    cdef public Lines lines
    cdef public long long time
    cdef object __weakref__

    cpdef object now(self)
    cpdef object made(self, object step, object value)
    @cython.locals(new=Recorded)
    cdef object kept(self, object kind, object step, object value)
    cpdef object constant(self, object value, object dtype)
    cdef object shape(self, object value)
    cdef object hidden(self, object step, tuple args, dict settings)
    cpdef object step(self, str op, tuple args, dict settings, object value)
    @cython.locals(steps=list, recorded=Recorded)
    cdef tuple doubles(self, tuple args)
    @cython.locals(steps=list)
    cpdef tuple operands(self, tuple args, object dtype, int whole=*)


@cython.locals(recorded=Recorded, trace=Trace)
cpdef Trace trace_of(object args)
cpdef object value_of(object x)
cpdef object type_of(object value)
