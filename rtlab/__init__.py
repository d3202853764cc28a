"""rtlab: a laboratory for real-time web protocols, in a notebook.

The names below follow one message's way: a workload is sent by a lab, received by clients, compared, and held
against the claims of an article. Heavy packages load when a name that needs them is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rtlab.claims.evidence import try_claims as try_claims
    from rtlab.claims.ledger import ledger as ledger
    from rtlab.clients.event_source import EventSource as EventSource
    from rtlab.clients.polling import LongPolling as LongPolling
    from rtlab.clients.polling import Polling as Polling
    from rtlab.clients.publisher import Publisher as Publisher
    from rtlab.clients.websocket import WebSocket as WebSocket
    from rtlab.codecs.dissect import dissect as dissect
    from rtlab.errors import RtlabError as RtlabError
    from rtlab.network import faults as faults
    from rtlab.results import adoption as adoption
    from rtlab.results import browser as browser
    from rtlab.results import direction as direction
    from rtlab.results import messages as messages
    from rtlab.results import performance as performance
    from rtlab.results import security as security
    from rtlab.results import simplicity as simplicity
    from rtlab.results import tooling as tooling
    from rtlab.results.browser_lab import browser_lab as browser_lab
    from rtlab.results.by_hand import by_hand as by_hand
    from rtlab.results.capture import through as through
    from rtlab.results.comparison import compare as compare
    from rtlab.results.comparison import live as live
    from rtlab.results.league import league as league
    from rtlab.results.probe import probe as probe
    from rtlab.results.protocol import on_the_wire as on_the_wire
    from rtlab.results.scorecard import scorecard as scorecard
    from rtlab.results.swarm import swarm as swarm
    from rtlab.results.sweep import sweep as sweep
    from rtlab.results.wire import wire as wire
    from rtlab.servers.guards import Guards as Guards
    from rtlab.servers.lab import start_lab as start_lab
    from rtlab.surroundings.diagnosis import doctor as doctor
    from rtlab.surroundings.overview import environment as environment
    from rtlab.tables.schema import describe as describe
    from rtlab.widgets.predict import Predict as Predict
    from rtlab.widgets.quiz import Quiz as Quiz
    from rtlab.workload import Workload as Workload

__version__ = "0.1.0"

_HOMES = {
    # errors
    "RtlabError": "rtlab.errors",
    # emit
    "Workload": "rtlab.workload",
    # serve
    "start_lab": "rtlab.servers.lab",
    "Guards": "rtlab.servers.guards",
    # receive
    "EventSource": "rtlab.clients.event_source",
    "WebSocket": "rtlab.clients.websocket",
    "Polling": "rtlab.clients.polling",
    "LongPolling": "rtlab.clients.polling",
    "Publisher": "rtlab.clients.publisher",
    # compare
    "compare": "rtlab.results.comparison",
    "live": "rtlab.results.comparison",
    "swarm": "rtlab.results.swarm",
    "sweep": "rtlab.results.sweep",
    "describe": "rtlab.tables.schema",
    # ask one question of the course
    "direction": "rtlab.results",
    "on_the_wire": "rtlab.results.protocol",
    "messages": "rtlab.results",
    "simplicity": "rtlab.results",
    "performance": "rtlab.results",
    "security": "rtlab.results",
    "adoption": "rtlab.results",
    "tooling": "rtlab.results",
    # look at the wire, and break it
    "through": "rtlab.results.capture",
    "faults": "rtlab.network",
    "dissect": "rtlab.codecs.dissect",
    "wire": "rtlab.results.wire",
    "by_hand": "rtlab.results.by_hand",
    # use the browser
    "browser_lab": "rtlab.results.browser_lab",
    "browser": "rtlab.results",
    # show and ask
    "Predict": "rtlab.widgets.predict",
    "Quiz": "rtlab.widgets.quiz",
    # judge
    "probe": "rtlab.results.probe",
    "league": "rtlab.results.league",
    "ledger": "rtlab.claims.ledger",
    "try_claims": "rtlab.claims.evidence",
    "scorecard": "rtlab.results.scorecard",
    # help
    "environment": "rtlab.surroundings.overview",
    "doctor": "rtlab.surroundings.diagnosis",
}

_MODULES = (
    *("browser", "direction", "messages", "simplicity", "performance", "security", "adoption", "tooling"),
    "faults",
)
"""Names that are modules: the verbs of one category, such as ``rtlab.direction.exchange``, and the faults."""

__all__ = [*_HOMES, "__version__"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'rtlab' has no attribute {name!r}")
    module = importlib.import_module(f"{home}.{name}" if name in _MODULES else home)
    value = module if name in _MODULES else getattr(module, name)
    value = importlib.import_module("rtlab.replay.gate").gate(name, value)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
