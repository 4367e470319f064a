"""Settings of Sphinx for the documentation's site."""

from chainrule import __version__

project = "Chainrule"
author = "the Chainrule developers"
version = release = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "html_image"]
myst_heading_anchors = 4
root_doc = "index"
exclude_patterns = ["docs/index.md", "README.md"]
html_theme = "furo"
html_title = f"Chainrule {version}"
html_extra_path = ["live"]
