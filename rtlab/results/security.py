"""What protects an endpoint: attacks that really run on this machine, and the guard that stops each."""

from __future__ import annotations

from rtlab.results.attacks import Attacks as Attacks
from rtlab.results.attacks import attacks as attacks
from rtlab.results.cors import cors as cors
from rtlab.results.exhaustion import exhaust as exhaust
from rtlab.results.exhaustion import siege as siege
from rtlab.results.hijack import hijack as hijack
from rtlab.results.injections import inject as inject
from rtlab.results.masking import masking as masking
from rtlab.results.own_server import own_server as own_server
from rtlab.results.rebinding import rebinding as rebinding
from rtlab.results.side_channel import side_channel as side_channel
from rtlab.results.tls import capture_tls as capture_tls
from rtlab.results.tokens import tokens as tokens
