"""Viewers of documents by others, fetched once into the user's cache, for they are too large to ship."""

from __future__ import annotations

import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rtlab.errors import LabError, MissingExtra
from rtlab.tools.places import tools_folder
from rtlab.tools.program import find_program, run_program

_FETCH_S = 180.0
_MAX_BYTES = 16_777_216


@dataclass(frozen=True, slots=True)
class Viewer:
    """A program for pages that shows a document.

    Attributes:
        format: ``"asyncapi"`` or ``"openapi"``.
        name: What its makers call it.
        package: Its npm package.
        version: The version that is known to work here without a network.
        script: The script's path in the package.
        style: The style sheet's path in the package; empty if the script brings its own.
        licence: Its licence.
    """

    format: str
    name: str
    package: str
    version: str
    script: str
    style: str
    licence: str

    @property
    def folder(self) -> Path:
        """Where it lies in the cache, or will lie."""
        return tools_folder() / "viewers" / f"{self.format}-{self.version}"

    @property
    def there(self) -> bool:
        """True if it has been fetched."""
        return all((self.folder / Path(name).name).is_file() for name in (self.script, self.style) if name)

    def read(self) -> tuple[str, str]:
        """Give the script and the style sheet.

        Raises:
            MissingExtra: It has not been fetched.
        """
        if not self.there:
            raise MissingExtra(
                f"{self.name} has not been fetched. Fetch it once, with npm: rtlab.tooling.viewers(fetch=True)"
            )
        style = (self.folder / Path(self.style).name).read_text(encoding="utf-8") if self.style else ""
        return (self.folder / Path(self.script).name).read_text(encoding="utf-8"), style


VIEWERS = {
    viewer.format: viewer
    for viewer in (
        Viewer(
            "asyncapi",
            "AsyncAPI React component",
            "@asyncapi/react-component",
            "3.2.1",
            "browser/standalone/index.js",
            "styles/default.min.css",
            "Apache-2.0",
        ),
        Viewer("openapi", "Scalar", "@scalar/api-reference", "1.72.1", "dist/browser/standalone.js", "", "MIT"),
    )
}
"""One viewer for each format."""


def fetch(viewer: Viewer) -> None:
    """Fetch a viewer's package with npm, which checks it, and keep the one or two files that are needed.

    Args:
        viewer: Which.

    Raises:
        MissingExtra: npm is not installed.
        LabError: npm did not give the package, or it lacks the files, or they cannot be kept.
        WaitTimeout: npm did not end in time and was killed.
    """
    npm = find_program("npm")
    if npm is None:
        raise MissingExtra("npm was not found; it comes with Node.js: install Node.js 20 or later.")
    with tempfile.TemporaryDirectory(prefix="rtlab-viewer-") as temporary:
        work = Path(temporary)
        ended = run_program([npm, "pack", "--silent", f"{viewer.package}@{viewer.version}"], work, _FETCH_S)
        packed = sorted(work.glob("*.tgz"))
        if ended.exit_code or not packed:
            raise LabError(f"npm did not fetch {viewer.package}. It said: {ended.last_words}")
        files = [name for name in (viewer.script, viewer.style) if name]
        found = {name: _member(packed[0], name) for name in files}
    try:
        viewer.folder.mkdir(parents=True, exist_ok=True)
        for name, content in found.items():
            (viewer.folder / Path(name).name).write_bytes(content)
    except OSError as error:
        advice = "Name a folder of yours in RTLAB_TOOLS."
        raise LabError(f"{viewer.name} cannot be kept in {viewer.folder}: {error}. {advice}") from error


def _member(archive: Path, name: str) -> bytes:
    try:
        with tarfile.open(archive) as files:
            member = files.extractfile(f"package/{name}")
            content = member.read(_MAX_BYTES) if member else b""
    except (OSError, tarfile.TarError, KeyError) as error:
        raise LabError(f"The package {archive.name} has no {name}: {error}") from error
    return content
