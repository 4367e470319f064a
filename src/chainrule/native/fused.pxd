cdef extern from "fused.h":
    int chainrule_fused_start() except -1
    object chainrule_fused(int kind, object exp, object log, object a, object b)
    int SIGMOID, SOFTPLUS, LOGADDEXP, SHARE, SECH2, GAUSS, GAUSS_SLOPE, ERF, SIN, COS

import numpy as np


cdef inline int start() except -1:
    return chainrule_fused_start()


cdef inline object fused(int kind, object a, object b):
    return chainrule_fused(kind, np.sin if kind == SIN else np.cos if kind == COS else np.exp, np.log, a, b)
