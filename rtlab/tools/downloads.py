"""Tools for plain HTTP, to which an event stream is a download: wrk, h2load, hey and curl."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from rtlab.tools.program import Ended
from rtlab.tools.tool import SINGLE, WHOLE, Job, Reading, Tool, percentile

_WRK_REPORT = """\
-- wrk has no result file of its own.
function done(summary, latency, requests)
  local file = assert(io.open("result.json", "w"))
  file:write(string.format('{"answers": %d, "median_us": %d}', summary.requests, latency:percentile(50)))
  file:close()
end
"""


class Wrk(Tool):
    """wrk: finished answers and how long they took."""

    name = "wrk"
    sse = WHOLE
    install = "sudo apt install wrk, or brew install wrk"
    version_form = r"wrk (?:debian/)?(\S+)"

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`.

        wrk knows no number of requests: it asks again and again until its time is over. The lab sends once, so one
        answer a connection comes to its end.
        """
        report = job.write("report.lua", _WRK_REPORT)
        seconds = int(job.scenario.messages / job.scenario.rate_per_s + 4)
        connections = str(job.scenario.connections)
        time = ["-d", f"{seconds}s", "--timeout", f"{seconds}s"]
        return [self.find(), "-t", "1", "-c", connections, *time, "-s", report, job.url]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`."""
        found = self.load_json(job.folder / "result.json")
        try:
            return Reading(answers=int(found["answers"]), answer_ms=found["median_us"] / 1e3)
        except (KeyError, TypeError, ValueError) as error:
            raise self.unreadable(repr(error)) from error


class H2load(Tool):
    """h2load: finished answers and how long they took; here with HTTP/1.1."""

    name = "h2load"
    sse = WHOLE
    install = "sudo apt install nghttp2-client, or brew install nghttp2"
    version_form = r"nghttp2/(\S+)"

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        connections = str(job.scenario.connections)
        return [self.find(), "--h1", "-n", connections, "-c", connections, "--log-file", "result.tsv", job.url]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`."""
        try:
            lines = (job.folder / "result.tsv").read_text(encoding="utf-8").splitlines()
            rows = [[int(cell) for cell in line.split("\t")] for line in lines]
            times_ms = [microseconds / 1e3 for _, status, microseconds in rows if status == 200]
        except (OSError, ValueError) as error:
            raise self.unreadable(f"result.tsv: {error}") from error
        return Reading(answers=len(times_ms), answer_ms=percentile(times_ms, 0.5))


class Hey(Tool):
    """hey: finished answers and how long they took; it does not tell its version."""

    name = "hey"
    sse = WHOLE
    install = "sudo apt install hey, or brew install hey"

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        connections, limit = str(job.scenario.connections), str(job.scenario.seconds)
        return [self.find(), "-n", connections, "-c", connections, "-t", limit, "-o", "csv", job.url]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`; its CSV comes on standard output."""
        rows = self.load_rows(job.folder / "stdout.txt")
        try:
            times_ms = [float(row["response-time"]) * 1e3 for row in rows if row["status-code"] == "200"]
        except (KeyError, TypeError, ValueError) as error:
            raise self.unreadable(repr(error)) from error
        return Reading(answers=len(times_ms), answer_ms=percentile(times_ms, 0.5))


class Curl(Tool):
    """curl: writes each event out as it comes, and measures nothing but the whole transfer."""

    name = "curl"
    sse = SINGLE
    install = "sudo apt install curl, or brew install curl"
    version_form = r"curl (\S+)"

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        every = [word for number in range(job.scenario.connections) for word in ("-o", f"body{number}", job.url)]
        connections, limit = str(job.scenario.connections), str(job.scenario.seconds)
        together = ["--parallel", "--parallel-immediate", "--parallel-max", connections]
        trace = ["--trace-time", "--trace-ascii", "trace.txt"]
        return [self.find(), "-sN", *together, "-m", limit, *trace, "-w", "%{json}\\n", *every]

    def shown(self, command: Sequence[str]) -> str:
        """See :meth:`Tool.shown`; one address of many equal ones."""
        words = super().shown(command).split(" -o body")
        return f"{words[0]} -o body{words[1]}{' ...' * (len(words) > 2)}"

    def read(self, job: Job, ended: Ended) -> Reading:
        """Count the lines with data in what it wrote, and look in its trace whether they came one by one.

        The trace's times have been wrong by up to a second, so they give no ages.
        """
        try:
            told = [json.loads(line) for line in ended.output.splitlines() if line]
            times_ms = [each["time_total"] * 1e3 for each in told if each["http_code"] == 200]
            bodies = [path.read_bytes() for path in sorted(job.folder.glob("body*"))]
            trace = (job.folder / "trace.txt").read_text(encoding="utf-8", errors="replace")
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise self.unreadable(repr(error)) from error
        messages = sum(len(re.findall(rb"^data:", body, re.MULTILINE)) for body in bodies)
        pieces = [piece for piece in trace.split("<= Recv data, ")[1:] if re.search(r"@\d{13}", piece)]
        single = len(pieces) > len(bodies)
        return Reading(messages=messages, answers=len(times_ms), answer_ms=percentile(times_ms, 0.5), single=single)
