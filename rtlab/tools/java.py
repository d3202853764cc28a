"""Gatling and JMeter: programs for Java whose archives come from Maven Central."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from rtlab.errors import LabError
from rtlab.exports.gatling import GATLING_CLASS, gatling_script
from rtlab.exports.jmeter import jmeter_script
from rtlab.tools.places import tools_folder
from rtlab.tools.program import Ended, find_program, run_program
from rtlab.tools.tool import SINGLE, Job, Reading, Tool, percentile

_COMPILE_S = 180.0
_QUIET = """\
<configuration>
  <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%level %logger: %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="console"/></root>
</configuration>
"""
"""Without it Gatling logs every frame, and is slow."""


class JavaTool(Tool):
    """A tool whose archives lie in a folder of its own.

    Attributes:
        main_jar: What its main archive is called, with the version captured.
        own_code: Where in the archives its own code lies.
    """

    sse = websocket = SINGLE
    ages = ("sse", "websocket")
    start_s = 240.0
    main_jar: str
    own_code: str

    @property
    def program(self) -> str:
        """The program that runs it."""
        return "java"

    @property
    def home(self) -> Path:
        """Its folder."""
        return tools_folder() / self.name

    @property
    def jars(self) -> Path:
        """Where its archives lie."""
        return self.home / "lib"

    def find(self) -> str:
        """See :meth:`Tool.find`; the archives must be there, too."""
        java = super().find()
        if self._main_jar() is None:
            raise self.missing(f"{self.jars} has no archives")
        return java

    def version(self, folder: Path) -> str:
        """Tell its version by the name of its main archive."""
        found = self._main_jar()
        return found[1] if found else ""

    def shown(self, command: Sequence[str]) -> str:
        """See :meth:`Tool.shown`; without the way to the archives."""
        return super().shown(command).replace(str(self.jars), "jars").replace(str(self.home), "home")

    def protocols(self) -> set[str]:
        """Tell which of ``"sse"`` and ``"websocket"`` are packages of its own code, and so built in."""
        names = {"sse": "sse", "ws": "websocket", "websocket": "websocket"}
        found = set()
        for path in self.jars.rglob("*.jar"):
            with zipfile.ZipFile(path) as archive:
                own = (name for name in archive.namelist() if name.startswith(self.own_code))
                found |= {names[part] for name in own for part in name.split("/")[:-1] if part in names}
        return found

    def _main_jar(self) -> re.Match[str] | None:
        names = sorted(path.name for path in self.jars.rglob("*.jar"))
        return next((found for name in names if (found := re.fullmatch(self.main_jar, name))), None)


class Gatling(JavaTool):
    """Gatling: single events and messages, each a check in its report."""

    name = "gatling"
    main_jar = r"gatling-app-(.+)\.jar"
    own_code = "io/gatling/"
    install = "python -m rtlab.tools install gatling (needs Java 17 or newer, javac too, and Maven)"
    fine_codes = (0, 2)  # 2: it ran, and an assertion failed

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        job.write(f"{GATLING_CLASS}.java", gatling_script(job.scenario))
        job.write("logback.xml", _QUIET)
        self._compile(job.folder)
        path = os.pathsep.join(("classes", str(self.jars / "*")))
        run = ["io.gatling.app.Gatling", "--simulation", GATLING_CLASS, "--results-folder", "results"]
        options = ["-Dlogback.configurationFile=logback.xml", "--add-opens=java.base/java.lang=ALL-UNNAMED"]
        return [self.find(), *options, "-cp", path, *run]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`."""
        rows = self.load_rows(job.folder / "ages.csv")
        try:
            (report,) = (job.folder / "results").glob("*/index.html")  # since 3.15 it has no result in JSON
            named = rf'class="ellipsed-name">{job.kind} message</span>.*?class="value ok col-3">(\d+)<'
            found = re.search(named, report.read_text(encoding="utf-8"), re.DOTALL)
            ages = [float(row["age_ms"]) for row in rows if row["kind"] == job.kind]
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise self.unreadable(f"results/*/index.html or ages.csv: {error!r}") from error
        messages = int(found[1]) if found else 0
        return Reading(messages=messages, p50_ms=percentile(ages, 0.5), p95_ms=percentile(ages, 0.95))

    def _compile(self, folder: Path) -> None:
        javac = find_program("javac")
        if javac is None:
            raise self.missing("javac was not found")
        command = [javac, "-cp", str(self.jars / "*"), "-d", "classes", f"{GATLING_CLASS}.java"]
        ended = run_program(command, folder, _COMPILE_S)
        if ended.exit_code:
            raise LabError(f"javac does not take the simulation: {ended.last_words}")


class JMeter(JavaTool):
    """JMeter: single events and messages, by Groovy scripts that make each a sample."""

    name = "jmeter"
    main_jar = r"ApacheJMeter-(.+)\.jar"
    own_code = "org/apache/jmeter/"
    install = "python -m rtlab.tools install jmeter (needs Java 11 or newer, and Maven)"

    def command(self, job: Job) -> list[str]:
        """See :meth:`Tool.command`."""
        plan = job.write("listeners.jmx", jmeter_script(job.scenario))
        options = (
            "-Jjmeter.save.saveservice.output_format=csv",
            "-Jjmeter.save.saveservice.subresults=true",
            "-Jsubresults.disable_renaming=true",
        )
        path = os.pathsep.join((str(self.jars / "*"), str(self.jars / "ext" / "*")))
        java = [self.find(), f"-Djmeter.home={self.home}", "-Djava.awt.headless=true", "-cp", path]
        run = ["-d", str(self.home), "-n", "-t", plan, "-l", "result.jtl", "-j", "jmeter.log", *options]
        return [*java, "org.apache.jmeter.NewDriver", *run]

    def read(self, job: Job, ended: Ended) -> Reading:
        """See :meth:`Tool.read`."""
        rows = self.load_rows(job.folder / "result.jtl")
        try:
            found = [row for row in rows if row["label"] == f"{job.kind} message"]
            ages = [float(row["elapsed"]) for row in found]
            failed = [row["responseMessage"] for row in rows if row["success"] == "false"]
        except (KeyError, TypeError, ValueError) as error:
            raise self.unreadable(repr(error)) from error
        if not found and failed:
            raise LabError(f"jmeter saw no message: {failed[0]}")
        return Reading(messages=len(found), p50_ms=percentile(ages, 0.5), p95_ms=percentile(ages, 0.95))
