"""``/``: a page for people who open the lab's address in a browser, and the 404 of other paths."""

from __future__ import annotations

from tornado.web import HTTPError

from rtlab.servers.guards import GuardedHandler

_PATHS = (
    ("GET /sse/{channel}", "the channel as an event stream; Last-Event-ID resumes"),
    ("WebSocket /ws/{channel}", "the channel as messages; sub-protocol rtlab.v1 resumes"),
    ("GET /poll/{channel}?after=ID&wait_s=20", "the channel by polling, short or long"),
    ("POST /publish/{channel}", "publish the body to the channel"),
    ("WebSocket /echo", "each message comes back"),
)


class IndexHandler(GuardedHandler):
    """Names the lab's paths."""

    def get(self) -> None:
        """Answer with a small page."""
        rows = "".join(f"<tr><th scope=row><code>{path}</code><td>{what}" for path, what in _PATHS)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
            "<meta name=color-scheme content='light dark'><title>rtlab</title>"
            "<style>body{font:1rem/1.5 system-ui;max-width:50rem;margin:2rem auto;padding:0 1rem}"
            "th{text-align:left;padding-right:1rem}</style>"
            f"<h1>This is an rtlab server</h1><table><caption>Paths</caption>{rows}</table></html>"
        )


class UnknownPathHandler(GuardedHandler):
    """Answers every other path, after the guards."""

    methods = GuardedHandler.SUPPORTED_METHODS

    def prepare(self) -> None:
        """Refuse the path.

        Raises:
            HTTPError: 404, or what the guards say.
        """
        super().prepare()
        raise HTTPError(404, "No such path; open / for the list.")
