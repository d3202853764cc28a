"""What a page can do by each route: run in every front end, and printed as a table.

Run: ``python tests/browser/features.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROUTES = ("direct", "proxy")


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature, and what each route makes of it.

    Attributes:
        name: What it is called, in the table and in the names of the tests.
        asked: A Python expression that the notebook's kernel evaluates.
        found: What it gives, by route.
        told: The same in words for the table, by route.
        distorted: The keys in ``rtlab.surroundings.routes`` of what it shows.
        in_firefox: What Firefox gives on the direct route, where it is something else.
    """

    name: str
    asked: str
    found: Mapping[str, Any]
    told: Mapping[str, str]
    distorted: tuple[str, ...] = ()
    in_firefox: Any = None

    def expected(self, route: str, *, firefox: bool = False) -> Any:
        """Tell what a page must give."""
        differs = firefox and route == "direct" and self.in_firefox is not None
        return self.in_firefox if differs else self.found[route]


def alike(name: str, asked: str, found: Any) -> Feature:
    """Make a feature that both routes give."""
    return Feature(name, asked, dict.fromkeys(ROUTES, found), dict.fromkeys(ROUTES, "yes"))


def unlike(name: str, asked: str, direct: tuple[Any, str], proxy: tuple[Any, str], *distorted: str) -> Feature:
    """Make a feature of which the proxy gives something else."""
    found, told = zip(direct, proxy, strict=True)
    return Feature(name, asked, dict(zip(ROUTES, found)), dict(zip(ROUTES, told)), distorted)  # noqa: B905


FEATURES = (
    Feature(
        "page made, shown and used in one cell",
        "in_one_cell",
        {route: ["in one cell", route] for route in ROUTES},
        dict.fromkeys(ROUTES, "yes"),
    ),
    alike("answer in a blocking cell", "blocking", ["in a blocking cell", True, 1]),
    Feature(
        "answer with top-level await",
        "awaited",
        {route: [route, True] for route in ROUTES},
        dict.fromkeys(ROUTES, "yes"),
    ),
    Feature(
        "answer in a callback",
        "by_callback",
        {route: [route, "rtlab loop"] for route in ROUTES},
        dict.fromkeys(ROUTES, "yes"),
    ),
    Feature(
        "EventSource: messages, types and ids as they come",
        "stream()",
        {
            route: (
                [("message", "one", True, 3, 1), ("alarm", "zwölf 😀\nlines", True, 17, 1)],
                route,
                "The EventSource has ended (closed).",
                True,
            )
            for route in ROUTES
        },
        {"direct": "yes", "proxy": "yes; the lab cuts what the proxy would keep open"},
    ),
    alike("EventSource: Last-Event-ID after a cut", "resumed()", (["before", "meanwhile"], True, [1, 0, 1])),
    unlike(
        "EventSource: five at once",
        "fifth()",
        (([1] * 5, [True] * 5, False, True), "yes"),
        (([1] * 4, [True] * 4, True, True), "four; the fifth is refused, for it would freeze JupyterLab"),
        "stream_limit",
    ),
    Feature(
        "EventSource: the lab has stopped",
        "lab_gone()",
        {"direct": 0, "proxy": 2},
        {"direct": "tries again; Firefox gives up", "proxy": "gives up: the proxy answers 500"},
        ("refused",),
        in_firefox=2,
    ),
    unlike(
        "EventSource: Host that the lab sees",
        "headers()",
        ((True, False), "the lab's own"),
        ((False, True), "the notebook server's, and X-Forwarded-Prefix"),
        "headers",
    ),
    alike(
        "WebSocket: text, Blob and ArrayBuffer, 200 kB",
        "text_and_binary()",
        ("first", True, "ArrayBuffer", 200_000, 65_536),
    ),
    unlike(
        "WebSocket: close code of the lab, seen by the page",
        "closed_by_server()",
        ((4123, "because", True), "4123 and the reason"),
        ((1005, "", True), "1005, no reason"),
        "close_code",
    ),
    unlike(
        "WebSocket: close code of the page, seen by the lab",
        "closed_by_page()",
        (["client closed, 3500 done"], "3500 and the reason"),
        (["client closed, 1005"], "1005, no reason"),
        "close_code",
    ),
    unlike(
        "WebSocket: sub-protocol, offered foo and rtlab.v1",
        "sub_protocol()",
        ("rtlab.v1", "rtlab.v1"),
        ("foo", "foo, though the lab chose rtlab.v1"),
        "subprotocol",
    ),
    unlike(
        "WebSocket: permessage-deflate",
        "compressed()",
        (("permessage-deflate", 1000), "yes"),
        (("", 1000), "no"),
        "compression",
    ),
    unlike(
        "fetch with a stream reader",
        "fetched({})",
        (("during", True), "piece by piece"),
        (("not during", True), "whole, at its end"),
        "accept",
    ),
    alike("fetch with Accept: text/event-stream", "fetched({'Accept': 'text/event-stream'})", ("during", True)),
)


def feature_table() -> str:
    """Write the table in Markdown."""
    rows = [f"| {one.name} | {one.told['direct']} | {one.told['proxy']} |" for one in FEATURES]
    head = ["| Feature | direct | through the notebook server's proxy |", "|---|---|---|"]
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    print(feature_table())
