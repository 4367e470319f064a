cdef extern from *:
    """
    /* The arguments lie on the stack: the interpreter's own way takes memory for them first. */
    #define CHAINRULE_ARGUMENTS 16

    static PyObject *chainrule_call(PyObject *function, PyObject *args, PyObject *settings) {
        PyObject *given[CHAINRULE_ARGUMENTS + 1], *names, *name, *value, *result;
        Py_ssize_t count = PyTuple_GET_SIZE(args), more = PyDict_GET_SIZE(settings), at = 0, k;
        if (count + more > CHAINRULE_ARGUMENTS) return PyObject_Call(function, args, settings);
        for (k = 0; k < count; k++) given[k + 1] = PyTuple_GET_ITEM(args, k);
        if (more == 0) return PyObject_Vectorcall(function, given + 1, count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        names = PyTuple_New(more);
        if (names == NULL) return NULL;
        for (k = 0; PyDict_Next(settings, &at, &name, &value); k++) {
            Py_INCREF(name);
            PyTuple_SET_ITEM(names, k, name);
            Py_INCREF(value); /* the callee may change the settings */
            given[count + k + 1] = value;
        }
        result = PyObject_Vectorcall(function, given + 1, count | PY_VECTORCALL_ARGUMENTS_OFFSET, names);
        for (k = 0; k < more; k++) Py_DECREF(given[count + k + 1]);
        Py_DECREF(names);
        return result;
    }

    static PyObject *chainrule_blank(PyTypeObject *base, PyTypeObject *kind) {
        PyObject *none = PyTuple_New(0), *result = base->tp_new(kind, none, NULL);
        Py_DECREF(none);
        return result;
    }
    """
    object chainrule_call(object function, tuple args, dict settings)
    object chainrule_blank(type base, type kind)


cdef inline object with_settings(object function, tuple args, dict settings):
    return chainrule_call(function, args, settings)


cdef inline object blank(type base, type kind):
    return chainrule_blank(base, kind)
