from cpython.object cimport PyObject_Call


cdef inline object with_settings(object function, tuple args, dict settings):
    return PyObject_Call(function, args, settings)
