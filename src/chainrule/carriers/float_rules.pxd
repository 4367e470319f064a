cimport cython
cimport chainrule.native.opcodes as opcodes
cimport chainrule.native.libm as libm

cdef double unary(int code, double x) noexcept
cdef double binary(int code, double a, double b) noexcept
cdef double of_numpy(int code, double x) except? -1.5
cdef double of_two_numpy(int code, double a, double b) except? -1.5
@cython.locals(y=double)
cdef double power(double a, double b) noexcept
cdef bint regular_power(double a, double b) noexcept
cdef bint far_from_limits(double a, double b) noexcept
@cython.locals(t=double)
cdef double slope(int code, int side, double y, double a, double b) except? -1.5
@cython.locals(by=double)
cdef double share(int code, int side, double ct, double y, double a, double b) except? -1.5
cdef double share_by_row(int code, int side, double ct, double y, double a, double b) except? -1.5
cdef double divide_db(double y, double a, double b) except? -1.5
@cython.locals(quotient=double)
cdef double power_dx(double y, double a, double b) except? -1.5
cdef double power_db(double y, double a, double b) except? -1.5
@cython.locals(s=double)
cdef double curvature(int code, int side, int other, double y, double a, double b) except? -1.5
@cython.locals(logarithm=double)
cdef double power_curvature(int side, int other, double y, double a, double b) noexcept
cdef double by_row(int code, int side, double y, double a, double b) except? -1.5
@cython.locals(t=double)
cdef double sigmoid(double x) noexcept
cdef double relu(double x) noexcept
cdef double heaviside0(double x) noexcept
cdef double sign(double x) noexcept
cdef double maximum(double a, double b) noexcept
cdef double minimum(double a, double b) noexcept
cdef double max_weight(double a, double b) noexcept
@cython.locals(t=double)
cdef double sech2(double x) noexcept
cdef double lorentzian(double x) noexcept
cdef double not_negative(double x) noexcept
cdef bint normal(double x) noexcept
cdef bint regular_slope(int code, double slope) noexcept
cdef double kept(double x) noexcept
