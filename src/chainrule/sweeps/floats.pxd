cimport cython
cimport chainrule.native.buffers as buffers
cimport chainrule.native.version as version
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
cimport chainrule.native.libm as libm
cimport chainrule.carriers.node as graph
cimport chainrule.carriers.float_rules as float_rules
from cpython.object cimport PyObject

cdef long long NEVER
cdef double LARGER


@cython.locals(pending='memory.Pile *', nodes='memory.Pile *', earlier='memory.Pile *', totals='double *', found=bint)
cpdef bint float_pass(object last, double cotangent) except -1
@cython.locals(reached='memory.Pile *', node='memory.Raw *', k=Py_ssize_t, found=bint)
cdef bint _by_a_larger(memory.Pile *nodes, object last, double cotangent) except -1
@cython.locals(found='memory.Pile *', node='memory.Raw *', k=Py_ssize_t)
cdef memory.Pile *_with_operands(memory.Pile *nodes) except NULL
@cython.locals(node='memory.Raw *', now=cython.uint, changed=cython.longlong, computed=cython.longlong, later=cython.longlong, first=cython.longlong)
cdef bint _list_floats(memory.Pile *pending, memory.Pile *nodes, memory.Pile *earlier) except -1
@cython.locals(node='memory.Raw *')
cdef inline long long _enter(PyObject *operand, unsigned int now, memory.Pile *pending, memory.Pile *earlier) except -2
@cython.locals(node='memory.Raw *', k=Py_ssize_t)
cdef void _set_aside(memory.Pile *earlier, double *totals) noexcept
@cython.locals(node='memory.Raw *', k=Py_ssize_t)
cdef void _put_back(memory.Pile *earlier, double *totals, bint found) noexcept
@cython.locals(reached='memory.Pile *', node='memory.Raw *', k=Py_ssize_t)
cdef int _forget(memory.Pile *nodes, memory.Pile *earlier) except -1
@cython.locals(node='memory.Raw *')
cdef void _unmark(memory.Pile *nodes) noexcept
@cython.locals(node='memory.Raw *', left='PyObject *', right='PyObject *', code=int, ct=double, a=double, b=double, sent=double, k=Py_ssize_t, found=bint)
cdef bint _pass_all(memory.Pile *nodes) except -1
cdef double share(int code, int side, double ct, double y, double a, double b) except? -1.5
cdef inline void _add(memory.Raw *node, double ct) noexcept
cdef inline void _reach(memory.Raw *node) noexcept
