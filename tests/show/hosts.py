"""What notebooks' style sheets do to a fragment of HTML: the declarations that reach elements it consists of.

JupyterLab's (which Notebook and nbconvert share) and VS Code's, in brief.
"""

COMMON = """
.jp-RenderedHTMLCommon { font: 14px/20px system-ui, sans-serif; padding-right: 20px }
.jp-RenderedHTMLCommon p { text-align: left; margin: 0 0 1em }
.jp-RenderedHTMLCommon ul:not(.list-inline) { padding-left: 2em; list-style: disc; margin-bottom: 1em }
.jp-RenderedHTMLCommon pre, .jp-RenderedHTMLCommon code { border: 0; background-color: #eee; color: #000;
  font-family: monospace; font-size: inherit; line-height: 1.3077; padding: 0; white-space: pre-wrap }
.jp-RenderedHTMLCommon :not(pre) > code { background-color: #eee; padding: 1px 5px }
.jp-RenderedHTMLCommon table { border-collapse: collapse; border-spacing: 0; border: none; color: #111; font-size: 12px;
  table-layout: fixed; margin-left: auto; margin-right: auto; margin-bottom: 1em }
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon tr { vertical-align: middle;
  padding: 0.5em; line-height: normal; white-space: normal; max-width: none; border: none; text-align: right }
.jp-RenderedHTMLCommon th { font-weight: bold }
.jp-RenderedHTMLCommon tbody tr:nth-child(odd) { background: #ffffff }
.jp-RenderedHTMLCommon tbody tr:nth-child(even) { background: #f5f5f5 }
.jp-OutputArea-output { width: 100%; height: auto; user-select: text; overflow-x: auto }
.jp-OutputArea-output dl, .jp-OutputArea-output dt, .jp-OutputArea-output dd { display: block }
.jp-OutputArea-output dl { width: 100%; overflow: hidden; padding: 0; margin: 0 }
.jp-OutputArea-output dt { font-weight: bold; float: left; width: 20%; padding: 0; margin: 0 }
.jp-OutputArea-output dd { float: left; width: 80%; padding: 0; margin: 0 }
"""
CODE = """
body { font: 13px system-ui, sans-serif; padding: 0 20px }
table { border-collapse: collapse } table td, table th { padding: 5px 10px; text-align: left; white-space: normal }
code { font-family: monospace; font-size: 1em; line-height: 1.357em } dt { font-weight: bold }
"""


def lab(fragment, dark=False):
    return _page(
        COMMON,
        f'<body data-jp-theme-light="{"false" if dark else "true"}" style="background: {"#111" if dark else "#fff"}">'
        '<div class="jp-OutputArea-output jp-RenderedHTMLCommon jp-RenderedHTML" data-mime-type="text/html">'
        f"{fragment}</div></body>",
    )


def code(fragment, dark=False):
    theme = "vscode-dark" if dark else "vscode-light"
    return _page(CODE, f'<body class="{theme}" style="background: {"#111" if dark else "#fff"}">{fragment}</body>')


def _page(sheet, body):
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'><style>{sheet}</style></head>{body}</html>"


HOSTS = {"lab": lab, "code": code}
