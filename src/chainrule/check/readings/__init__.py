"""Readings: the ways in which a claim may be meant, given what it takes and what it answers."""
