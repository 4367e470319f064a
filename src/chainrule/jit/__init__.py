"""The same program at machine speed: record once, compile, replay."""
