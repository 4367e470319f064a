"""The sign of life at a terminal."""

import io
import sys
import time

import pytest

from chainrule.jit.run import progress as module
from chainrule.jit.run.progress import progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def a_terminal(monkeypatch):
    """In the test itself: pytest exchanges standard error between a fixture and its test."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(module, "_PACE", 0.01)
    return stream


def test_what_takes_long_is_shown_and_vanishes(monkeypatch):
    terminal = a_terminal(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with progress("compiling"):
        time.sleep(0.1)
    shown = terminal.getvalue()
    assert "\rcompiling: 0 s" in shown
    assert shown.endswith("\r" + " " * len("compiling: 0 s") + "\r")


def test_what_is_quick_shows_nothing(monkeypatch):
    terminal = a_terminal(monkeypatch)
    with progress("compiling"):
        pass
    assert terminal.getvalue() == ""


def test_errors_pass_through(monkeypatch):
    a_terminal(monkeypatch)
    with pytest.raises(ZeroDivisionError), progress("compiling"):
        1 / 0  # noqa: B018


def test_only_terminals_are_written_to(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with progress("compiling"):
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_a_terminal_that_goes_away_is_no_error(monkeypatch):
    terminal = a_terminal(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with progress("compiling"):
        terminal.close()
        time.sleep(0.05)
