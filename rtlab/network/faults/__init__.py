"""Faults for the relay: what networks and proxies do to a stream, one small class each.

A fault holds its settings. What it does to one connection is an effect, a pure schedule: see
:mod:`rtlab.network.faults.fault`.
"""

from __future__ import annotations

from rtlab.network.faults.answer import Answer
from rtlab.network.faults.buffering import BufferingProxy
from rtlab.network.faults.ending import IdleCut, Limit, Reset
from rtlab.network.faults.fault import Fault
from rtlab.network.faults.gzip_proxy import GzipProxy
from rtlab.network.faults.heads import DropLastEventId, RewriteAccept, StripUpgrade
from rtlab.network.faults.http10 import Http10
from rtlab.network.faults.only import Only
from rtlab.network.faults.refuse import Refuse
from rtlab.network.faults.silence import BlackHole, Stall
from rtlab.network.faults.timing import Bandwidth, Latency, Slicing

__all__ = [
    "Answer",
    "Bandwidth",
    "BlackHole",
    "BufferingProxy",
    "DropLastEventId",
    "Fault",
    "GzipProxy",
    "Http10",
    "IdleCut",
    "Latency",
    "Limit",
    "Only",
    "Refuse",
    "Reset",
    "RewriteAccept",
    "Slicing",
    "Stall",
    "StripUpgrade",
]
