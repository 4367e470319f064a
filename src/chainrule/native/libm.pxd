from libc.math cimport (
    atan, cos, cosh, exp, expm1, fabs, floor, isfinite, log, log1p, pow, sin, sinh, sqrt, tan, tanh,
)

cdef extern from *:
    """
    #define chainrule_divide(a, b) ((a) / (b))
    """
    double divide "chainrule_divide"(double a, double b) noexcept nogil
