cdef enum:
    USED = 1
    CHANGED = 2
    ENTERED = 4
    LISTED = 8
    HELD = 16
    WATCHED = 32

cdef enum:
    PYTHON = 1
    NUMPY = 2

cdef enum:
    EMPTY = 0
    FLOAT = 1
    OTHER = 2
