cdef inline long long age(unsigned int now, unsigned int clock) noexcept:
    return <unsigned int>(now - clock)
