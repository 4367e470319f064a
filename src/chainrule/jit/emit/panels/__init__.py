"""Panels written out: their blocks of rows, by columns."""
