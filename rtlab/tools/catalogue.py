"""All tools, in the order in which they are shown."""

from __future__ import annotations

from rtlab.errors import InputError
from rtlab.tools.artillery import Artillery
from rtlab.tools.downloads import Curl, H2load, Hey, Wrk
from rtlab.tools.java import Gatling, JMeter
from rtlab.tools.k6 import K6, K6Sse
from rtlab.tools.locust import Locust
from rtlab.tools.tool import Tool

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (K6(), K6Sse(), Gatling(), JMeter(), Locust(), Artillery(), Curl(), Hey(), H2load(), Wrk())
}
"""Each tool by its name."""


def find_tool(name: str) -> Tool:
    """Give a tool.

    Raises:
        InputError: There is none of that name.
    """
    if name not in TOOLS:
        raise InputError(f"There is no tool {name!r} here; there are {', '.join(TOOLS)}.")
    return TOOLS[name]
