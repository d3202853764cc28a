"""Locust: single events and single messages, by clients written in Python."""

from __future__ import annotations

from rtlab.exports.locust import locust_script
from rtlab.tools.program import Ended
from rtlab.tools.tool import SINGLE, Job, Reading, Tool, percentile


class Locust(Tool):
    """See the module."""

    name = "locust"
    sse = websocket = SINGLE
    ages = ("sse", "websocket")
    install = "pip install locust websocket-client"
    fine_codes = (0, 1)  # 1: it ran, and a check failed
    version_form = r"locust (\d[\w.]*)"

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        script = job.write("listeners.py", locust_script(job.scenario))
        work = job.scenario
        users = str(work.connections * (bool(work.sse_url) + bool(work.ws_url)))
        limit = f"{work.seconds}s"
        run = ["--headless", "--users", users, "--spawn-rate", users, "--run-time", limit]
        return [self.find(), "-f", script, *run, "--only-summary", "--json-file", "result"]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`."""
        rows = self.load_json(job.folder / "result.json")
        try:
            of_kind = {row["name"]: row for row in rows if row["method"] == job.kind}
            found = of_kind.get("message", {"num_requests": 0, "response_times": {}})
            ages = {float(age_ms): int(count) for age_ms, count in found["response_times"].items()}
            every = [age_ms for age_ms, count in ages.items() for _ in range(count)]
            messages = int(found["num_requests"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self.unreadable(repr(error)) from error
        return Reading(messages=messages, p50_ms=percentile(every, 0.5), p95_ms=percentile(every, 0.95))
