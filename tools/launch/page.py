# SPDX-License-Identifier: Apache-2.0
"""An HTML page that stands alone: no file beside it, nothing from a network."""
from __future__ import annotations

import html
import json
from typing import Any

STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 1.5em auto; max-width: 1240px; padding: 0 1em; }
h1 { font-size: 1.4em; } h2 { font-size: 1.15em; margin: 1.6em 0 .4em; }
p, li { max-width: 75em; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .15em .7em; text-align: right; border-bottom: 1px solid var(--line); }
th:first-child, td:first-child { text-align: left; }
td:first-child, code { font-family: ui-monospace, monospace; font-size: .92em; }
svg text { fill: currentColor; }
.more { color: #888; }
"""


def page(title: str, body: str, data: Any, script: str, style: str = "") -> str:
    """@data is the script's `data`, in which no text can end the element, nor begin a comment in it."""
    numbers = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return (f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
            f"<style>{STYLE}{style}</style></head>\n<body><h1>{html.escape(title)}</h1>\n{body}\n"
            f'<script type="application/json" id="data">{numbers}</script>\n'
            f'<script>"use strict";\nconst data = JSON.parse(document.getElementById("data").textContent);\n{script}</script>\n'
            "</body></html>\n")


def cell(value: Any) -> str:
    text = f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)
    return f"<td>{html.escape(text)}</td>"


def table(head: list[str], rows: list[list[Any]]) -> str:
    first = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(cell(value) for value in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{first}</tr></thead><tbody>\n{body}</tbody></table>\n"
