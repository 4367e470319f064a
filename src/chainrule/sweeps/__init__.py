"""Ways of reading a recording to differentiate it."""
