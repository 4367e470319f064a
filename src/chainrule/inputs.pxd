cpdef object refuse_ended(double level, bint always=*)
