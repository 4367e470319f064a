"""What a check or a run of checks found, as text, HTML and JSON."""
