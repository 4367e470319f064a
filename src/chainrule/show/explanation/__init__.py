"""A recording told in tables and sentences, with its numbers filled in."""
