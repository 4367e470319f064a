cimport cython
cimport chainrule.native.arrays as arrays
cimport chainrule.native.libm as libm
cimport chainrule.native.opcodes as opcodes
cimport chainrule.ops.reuse as reuse

cpdef object pushed(object level, object operator, object y, tuple args, list tangents, object masks, dict settings)
cdef bint _by_floats(object operator, object y, tuple args, list tangents, object masks) except -1
@cython.locals(i=int)
cpdef object by_loops(int code, object y, tuple args, list tangents)
cpdef bint has_loop(int code) noexcept
