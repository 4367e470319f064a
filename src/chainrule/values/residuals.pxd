cimport cython
cimport chainrule.carriers.node as node
cimport chainrule.native.arrays as arrays
cimport chainrule.native.flags as flags
cimport chainrule.native.memory as memory
from chainrule.carriers.detail cimport Detail
from chainrule.carriers.node cimport Node, Outline
from chainrule.ops.kinds cimport Elementwise, Linear, Multilinear

cdef tuple READS
cdef list LEAN, WATCHED
cdef Py_ssize_t MOST


cpdef begin(double level)
cpdef end(double level)
@cython.locals(parent=Node, holder=Detail, watched=bint, large=bint, read=long, code=int)
cdef void follow(Node new, Detail found) except *
@cython.locals(read=long, code=int, i=Py_ssize_t)
cdef long reads(Detail found) except? -2
@cython.locals(kept=list, parent=Node, i=Py_ssize_t, j=Py_ssize_t)
cdef tuple _outlined(Detail found, long read)
@cython.locals(found=Detail, k=Py_ssize_t)
cdef void _look() except *
@cython.locals(gone=Node)
cdef void _unwatched(Py_ssize_t k) except *
@cython.locals(last=Detail)
cpdef object restored(Detail found)
@cython.locals(kept=list)
cpdef tuple whole(Detail found)
