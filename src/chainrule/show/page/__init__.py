"""The page that steps through a recording, forward and backward."""
