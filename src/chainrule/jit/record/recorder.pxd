cimport cython
cimport chainrule.native.call as call
from chainrule.jit.record.trace cimport Recorded, Trace, trace_of, type_of, value_of
from chainrule.jit.step cimport Step, noted
from chainrule.ops.row cimport Operator, applied


cdef class Recorder:
    cdef public object operator, name
    cdef public int whole

    @cython.locals(trace=Trace, steps=tuple, step=Step)
    cdef object record(self, tuple args, dict settings)
    @cython.locals(values=list, known=bint, recorded=Recorded)
    cdef object computed(self, tuple args, dict settings)
    cdef object called(self, tuple args, dict settings)


cdef class Viewer(Recorder):
    @cython.locals(trace=Trace, new=Recorded, x=Recorded)
    cdef object record(self, tuple args, dict settings)


cdef class Mover(Recorder):
    @cython.locals(trace=Trace, new=Recorded, values=list, recorded=bint)
    cdef object record(self, tuple args, dict settings)
    @cython.locals(trace=Trace, new=Recorded)
    cdef object at_computed(self, tuple args, dict settings, object template, list computed)


cdef bint _written_out(object index) except -1
