"""A document as a notebook shows it: in the viewer of its makers if that has been fetched, else as an outline.

The viewer runs in a frame that may run scripts and nothing else, under a policy that lets it ask for nothing: all
it needs stands in the frame.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

import pandas as pd

from rtlab.exports.validation import format_of
from rtlab.results.html_table import html_table
from rtlab.tools.viewers import VIEWERS

_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; font-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
)
_HEIGHT_PX = 720
_START = {
    "asyncapi": "AsyncApiStandalone.render({schema: document_, config: {show: {sidebar: false}}}, place);",
    "openapi": (
        "Scalar.createApiReference(place, {content: document_, withDefaultFonts: false, telemetry: false, "
        "hideTestRequestButton: true, hideClientButton: true, showDeveloperTools: 'never', "
        "agent: {disabled: true}, mcp: {disabled: true}});"
    ),
}
_PAGE = """\
<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>body {{ margin: 0; background: #fff; color: #222; }} {style}</style></head>
<body><div id="place">The viewer starts ...</div>
<script>
(async () => {{
  const place = document.getElementById("place");
  try {{
    // A frame without an origin has no storage; viewers expect one.
    for (const name of ["localStorage", "sessionStorage"]) {{
      const kept = new Map();
      const storage = {{
        getItem: (key) => kept.has(key) ? kept.get(key) : null,
        setItem: (key, value) => kept.set(key, String(value)),
        removeItem: (key) => kept.delete(key), clear: () => kept.clear(), key: () => null, length: 0,
      }};
      Object.defineProperty(window, name, {{ value: storage, configurable: true }});
    }}
    const packed = Uint8Array.from(atob("{script}"), (sign) => sign.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const element = document.createElement("script");
    element.textContent = await new Response(stream).text();
    document.head.append(element);
    const document_ = {document};
    place.textContent = "";
    {start}
  }} catch (error) {{
    place.textContent = `The viewer failed: ${{error}}`;
  }}
}})();
</script></body></html>
"""


class DocumentView:
    """A document, shown.

    Args:
        document: An AsyncAPI 3.1 or OpenAPI 3.2 document.
        viewer: True wants the viewer, False the outline; None takes the viewer if it has been fetched.

    Attributes:
        by: Who shows it: the viewer's name, or ``"outline"``.

    Raises:
        InputError: It is neither.
        MissingExtra: The viewer is wanted and has not been fetched; the text says how to.
    """

    def __init__(self, document: Mapping[str, Any], *, viewer: bool | None = None) -> None:
        self.name = format_of(document)
        self.document = dict(document)
        self._format = "asyncapi" if "asyncapi" in document else "openapi"
        chosen = VIEWERS[self._format]
        use = chosen.there if viewer is None else viewer
        self._parts = chosen.read() if use else None
        self.by = f"{chosen.name} {chosen.version}" if use else "outline"

    @property
    def page(self) -> str:
        """The page for the frame: complete, with the viewer in it; empty for the outline."""
        if self._parts is None:
            return ""
        script, style = self._parts
        packed = base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode()
        return _PAGE.format(
            policy=_POLICY,
            title=escape(self.name),
            style=style.replace("</", "<\\/"),
            script=packed,
            document=json.dumps(self.document).replace("<", "\\u003c"),
            start=_START[self._format],
        )

    @property
    def outline(self) -> pd.DataFrame:
        """What the document has, one row an operation: operation, address, protocol, messages."""
        rows = _asyncapi_rows(self.document) if self._format == "asyncapi" else _openapi_rows(self.document)
        return pd.DataFrame(list(rows), columns=["operation", "address", "protocol", "messages"], dtype="string")

    def __repr__(self) -> str:
        return f"{self.name}\n{self.outline.to_string(index=False)}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        if self._parts is None:
            hint = "The viewer of its makers has not been fetched; rtlab.tooling.viewers() tells how."
            html = f"{html_table(self.outline, f'Outline of the {self.name} document')}<p>{hint}</p>"
        else:
            html = (
                f'<iframe sandbox="allow-scripts" title="{escape(self.name)}, shown by {escape(self.by)}" '
                f'style="width: 100%; height: {_HEIGHT_PX}px; border: 1px solid #8888" '
                f'srcdoc="{escape(self.page)}"></iframe>'
            )
        return {"text/plain": repr(self), "text/html": html}


def _asyncapi_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    channels = document.get("channels", {})
    for name, operation in document.get("operations", {}).items():
        key = operation["channel"]["$ref"].rpartition("/")[2]
        channel = channels[key]
        servers = [each["$ref"].rpartition("/")[2] for each in channel.get("servers", ())]
        protocols = ", ".join(document["servers"][each]["protocol"] for each in servers)
        yield (
            f"{operation['action']}: {name}",
            channel["address"],
            protocols,
            ", ".join(channel.get("messages", ())),
        )


def _openapi_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            answers = operation.get("responses", {})
            media = [f"{status} {', '.join(each.get('content', ()))}".strip() for status, each in answers.items()]
            yield f"{method.upper()}: {operation.get('operationId', '')}", path, "http", "; ".join(media)
