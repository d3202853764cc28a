"""Artillery: single events and messages, by functions in JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rtlab.exports.artillery import ARTILLERY_PROCESSOR, artillery_processor, artillery_script
from rtlab.tools.places import tools_folder
from rtlab.tools.program import Ended
from rtlab.tools.tool import SINGLE, Job, Reading, Tool


class Artillery(Tool):
    """See the module."""

    name = "artillery"
    sse = websocket = SINGLE
    ages = ("sse", "websocket")
    install = "python -m rtlab.tools install artillery (needs Node 18 or newer and npm; some 600 MB)"
    start_s = 120.0
    version_form = r"Artillery: (\S+)"

    def folders(self) -> Sequence[Path]:
        """See :meth:`Tool.folders`."""
        return (tools_folder() / self.name / "node_modules" / ".bin",)

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        script = job.write("listeners.yml", artillery_script(job.scenario))
        job.write(ARTILLERY_PROCESSOR, artillery_processor(job.scenario))
        return [self.find(), "run", "--quiet", "--output", "result.json", script]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`."""
        result = self.load_json(job.folder / "result.json")
        try:
            found = result["aggregate"]
            ages = found.get("summaries", {}).get(f"{job.kind}.age_ms", {})
            return Reading(
                messages=int(found["counters"].get(f"{job.kind}.messages", 0)),
                p50_ms=ages.get("median"),
                p95_ms=ages.get("p95"),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self.unreadable(repr(error)) from error
