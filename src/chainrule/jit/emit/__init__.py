"""Machine code for a program: loops over SIMD vectors, numbers in registers, library calls between them."""
