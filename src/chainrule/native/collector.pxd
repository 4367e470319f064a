cdef extern from "Python.h":
    void hide "PyObject_GC_UnTrack"(object x)
