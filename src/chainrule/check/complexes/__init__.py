"""Complex functions and claims: checked by their real and imaginary parts."""
