"""What is C where the engine is compiled: the .pxd, and the header, of its name takes the place of each file here.

The contract (a node in memory, who owns a reference, what exists once) is written down in docs/develop/native.md.
"""
