"""`jit`: the same program at machine speed.

The folders in the order in which a function passes through them:

    program   (a file)  the steps of a recording; `replay` computes them one by one with NumPy
    record              runs the function on numbers that note what is done to them
    captured            finds what else the function reads, and watches whether it is still the same
    passes              makes the program smaller without changing what it computes
    loops               finds steps that repeat, in long programs
    plan                divides it into fused loops, single numbers and library calls
    reroll              writes steps that repeat as loops
    emit                writes LLVM for both
    run                 compiles it, keeps it on disk, lends it memory and threads
    backend             or hands the program to the compiler of JAX or PyTorch
    call                what the user calls: `jit` and its recordings
    export              the same program as a C file
"""
