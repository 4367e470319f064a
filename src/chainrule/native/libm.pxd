from libc.math cimport (
    atan, cos, cosh, exp, expm1, fabs, floor, isfinite, log, log1p, pow, sin, sinh, sqrt, tan, tanh,
)

cdef extern from *:
    """
    #define chainrule_divide(a, b) ((a) / (b))
    """
    double divide "chainrule_divide"(double a, double b) noexcept nogil

cdef extern from "<fenv.h>":
    int feclearexcept(int which) noexcept nogil
    int fetestexcept(int which) noexcept nogil
    int FE_UNDERFLOW
    int FE_OVERFLOW


cdef inline void forget_range() noexcept:
    if fetestexcept(FE_UNDERFLOW | FE_OVERFLOW):
        feclearexcept(FE_UNDERFLOW | FE_OVERFLOW)


cdef inline bint left_range() noexcept:
    return fetestexcept(FE_UNDERFLOW | FE_OVERFLOW) != 0


cdef inline double seen(double share, double ct) noexcept:
    return share
