cpdef object common_library(tuple args)
