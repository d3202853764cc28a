"""What tools of others see of both protocols: load tools run against a lab, and what a lab becomes for them."""

from __future__ import annotations

from rtlab.results.contract import contract as contract
from rtlab.results.decision_record import decision_record as decision_record
from rtlab.results.documents import documents as documents
from rtlab.results.documents import validate as validate
from rtlab.results.export import export as export
from rtlab.results.load_tools import compare as compare
from rtlab.results.load_tools import dated as dated
from rtlab.results.load_tools import run as run
from rtlab.results.own_tests import own_tests as own_tests
from rtlab.results.postman import postman as postman
from rtlab.results.scripts import scenario as scenario
from rtlab.results.scripts import scripts as scripts
from rtlab.results.sse_perf import sse_perf as sse_perf
from rtlab.results.tool_support import support as support
from rtlab.results.tool_support import tools as tools
from rtlab.results.viewers import viewers as viewers
