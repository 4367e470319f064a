cdef inline long long age(unsigned int now, unsigned int version) noexcept:
    return <unsigned int>(now - version)
