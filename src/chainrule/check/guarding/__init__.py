"""The gradient an optimiser is given, watched along its way."""
