from cpython.object cimport PyObject
from cpython.tuple cimport PyTuple_GET_ITEM

cdef extern from "Python.h":
    PyObject *PyFunction_GetCode(object f)
    PyObject *PyFunction_GetDefaults(object f)
    PyObject *PyFunction_GetKwDefaults(object f)


cdef enum:
    ENTRY = 0
    CELL = 1
    ATTRIBUTE = 2
    METHOD = 3
    ELEMENTS = 4
    PAIRS = 5
    CODE = 6
    CONTENTS = 7
    STATE = 8
    REFERENT = 9
    MODULE = 10
    FINGERPRINT = 11


cdef extern from *:
    """
    #if PY_VERSION_HEX < 0x030D0000  /* PEP 509; later dicts have none */
    #define chainrule_dict_version(d) (((PyDictObject *)(d))->ma_version_tag)
    #else
    #define chainrule_dict_version(d) 0
    #endif
    """
    unsigned long long version "chainrule_dict_version"(object holder)


cdef inline bint held(PyObject *now, PyObject *was) noexcept:
    return now == was or (now == NULL and was == <PyObject *>None)


cdef inline bint code_same(object f, tuple was) noexcept:
    return (
        held(PyFunction_GetCode(f), <PyObject *>PyTuple_GET_ITEM(was, 0))
        and held(PyFunction_GetDefaults(f), <PyObject *>PyTuple_GET_ITEM(was, 1))
        and held(PyFunction_GetKwDefaults(f), <PyObject *>PyTuple_GET_ITEM(was, 2))
    )
