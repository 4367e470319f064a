cimport cython
cimport chainrule.native.arrays as arrays
from chainrule.jit.captured cimport places


@cython.final
cdef class Watch:
    cdef public bytes kinds
    cdef public list holders, keys, were, versions
    cdef public Py_ssize_t count

    cpdef bint holds(self) except -1
    @cython.locals(k=Py_ssize_t)
    cpdef Py_ssize_t first(self, Py_ssize_t start) except -2
    @cython.locals(kind=int)
    cdef bint same(self, Py_ssize_t k) except -1
    cdef bint renewed(self, Py_ssize_t k, object now, object was) except -1


cdef bint entry_same(Watch watch, Py_ssize_t k, dict holder, object key, object was) except -1
cdef bint elements_same(object holder, tuple was) except -1
@cython.locals(k=Py_ssize_t)
cdef bint list_same(list now, tuple was) except -1
@cython.locals(k=Py_ssize_t)
cdef bint tuple_same(tuple now, tuple was) except -1
@cython.locals(k=Py_ssize_t)
cdef bint pairs_same(dict now, tuple was) except -1
@cython.locals(version=cython.ulonglong, seen=cython.ulonglong, n=Py_ssize_t)
cdef bint module_same(Watch watch, Py_ssize_t k, dict holder, tuple was) except -1
cdef bint contents_same(object now, object was) except -1
cpdef tuple fingerprint(object x)
cpdef bint equal(object now, object was) except -1
