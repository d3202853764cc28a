"""The verbs on simplicity: what is left to the program when a line breaks."""

from __future__ import annotations

from rtlab.results.dead_peer import DeadPeers as DeadPeers
from rtlab.results.dead_peer import dead_peer as dead_peer
from rtlab.results.fault_bench import FaultBench as FaultBench
from rtlab.results.fault_bench import break_it as break_it
from rtlab.results.fault_effects import FaultEffects as FaultEffects
from rtlab.results.fault_effects import fault_effects as fault_effects
from rtlab.results.herd import Herd as Herd
from rtlab.results.herd import herd as herd
from rtlab.results.losses import Losses as Losses
from rtlab.results.losses import losses as losses
from rtlab.results.programs import Programs as Programs
from rtlab.results.programs import programs as programs
from rtlab.results.programs import source as source
from rtlab.results.real_proxies import ProxyAgreement as ProxyAgreement
from rtlab.results.real_proxies import proxies_agree as proxies_agree
from rtlab.results.real_proxies import real_proxy as real_proxy
from rtlab.results.status_matrix import StatusMatrix as StatusMatrix
from rtlab.results.status_matrix import status_matrix as status_matrix
