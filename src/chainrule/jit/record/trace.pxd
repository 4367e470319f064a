cimport cython
cimport chainrule.native.call as call
cimport chainrule.native.collector as collector
from chainrule.jit.record.lines cimport Lines
from chainrule.jit.step cimport Step, noted
from chainrule.numbers cimport StandIn


cdef class Trace


cdef class Recorded(StandIn):
    cdef public Trace run
    cdef public Step step
    cdef public object value, later, viewed, _origin


cdef class RecordedArray(Recorded):
    pass


cdef class Trace:
    cdef public object number, array, _finite, way
    cdef public list inputs, guards, captured, reads
    cdef public bint catches, masks, over
    cdef public dict _constants, _counted, _floats, _shapes
    cdef public set _guarded
    cdef public Lines lines
    cdef public long long time
    cdef object __weakref__

    cpdef long long now(self)
    cpdef object made(self, Step step, object value)
    @cython.locals(new=Recorded)
    cdef object kept(self, object kind, Step step, object value)
    cpdef Step constant(self, object value, object dtype)
    cdef object shape(self, object value)
    cdef Step hidden(self, Step step, tuple args, dict settings)
    cpdef Step cast(self, Step step, object dtype)
    cpdef object step(self, str op, tuple args, dict settings, object value)
    @cython.locals(steps=list, recorded=Recorded, step=Step)
    cdef tuple doubles(self, tuple args)
    @cython.locals(steps=list)
    cpdef tuple operands(self, tuple args, object dtype, int whole=*)


@cython.locals(recorded=Recorded, trace=Trace)
cpdef Trace trace_of(object args)
cpdef object value_of(object x)
cpdef object type_of(object value)
