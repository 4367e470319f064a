from chainrule.libraries cimport common_library
from chainrule.ops.row cimport applied


cpdef object product(object t, object slope)
cpdef bint floats(object x) noexcept
