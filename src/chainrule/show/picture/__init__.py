"""One picture of a recording, and what is drawn from it: SVG, DOT, text."""
