cpdef object refuse_ended(double level, bint always=*)
cpdef object as_number(object x)
