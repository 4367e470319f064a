"""Independent ways to a derivative, each with an error bar."""
