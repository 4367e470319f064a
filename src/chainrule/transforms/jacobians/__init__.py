"""Parts of Jacobians: which unit vectors, by columns, by rows, and how blocks of several arguments are joined."""
