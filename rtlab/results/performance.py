"""The verbs on performance: how fast, how late, what it costs, and what decides it."""

from __future__ import annotations

from rtlab.results.bench import Bench as Bench
from rtlab.results.bench import bench as bench
from rtlab.results.broken import BrokenBenchmark as BrokenBenchmark
from rtlab.results.broken import broken as broken
from rtlab.results.echo import Echoes as Echoes
from rtlab.results.echo import echo as echo
from rtlab.results.effects import Effects as Effects
from rtlab.results.effects import factors as factors
from rtlab.results.files import Files as Files
from rtlab.results.files import files as files
from rtlab.results.idle import IdleCosts as IdleCosts
from rtlab.results.idle import idle as idle
from rtlab.results.peers import Peers as Peers
from rtlab.results.peers import peers as peers
from rtlab.results.reference import reference as reference
from rtlab.results.slow_readers import SlowReaders as SlowReaders
from rtlab.results.slow_readers import slow_readers as slow_readers
from rtlab.results.speeds import Ages as Ages
from rtlab.results.speeds import Joined as Joined
from rtlab.results.speeds import Rates as Rates
from rtlab.results.speeds import joining as joining
from rtlab.results.speeds import latency as latency
from rtlab.results.speeds import rate as rate
from rtlab.results.upstream import BothWays as BothWays
from rtlab.results.upstream import upstream as upstream
