"""What a function reads besides its arguments, found by a walk over what it can look up, and watched at every call."""
