"""Which mistake explains a wrong claim exactly."""
