"""What machine code needs to run: LLVM and its cache on disk, mathematical functions, memory and threads."""
