"""Values: recorded numbers, and what can be done with a recording as a whole."""
