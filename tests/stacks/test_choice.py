"""A learner's own folders take the same trial as the stacks that come with rtlab."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from rtlab.results import adoption

RESUME = """# resume begins
        last = self.request.headers.get("Last-Event-ID", "")
        if last.isdecimal():
            first = int(last) + 1
        if first > count:
            self.set_status(204)
            return
"""


def change(server: Path, before: str, after: str) -> None:
    text = server.read_text(encoding="utf-8")
    assert before in text
    server.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.stacks
@pytest.mark.timeout(500)
def test_the_examples_lose_or_double_events_until_they_are_repaired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTLAB_CACHE", str(tmp_path / "cache"))
    folders = [tmp_path / "first", tmp_path / "hunted"]
    for folder in folders:
        adoption.new_stack(folder, example=folder.name)

    def trial() -> pd.DataFrame:
        return adoption.compare([str(folder) for folder in folders], bench=False, progress=False).table

    before = trial().set_index("stack")
    assert (before.loc["mine", "lost"], before.loc["hunted", "doubled"]) == (0, 0)
    assert before.loc["mine", "doubled"] > 0
    assert before.loc["hunted", "lost"] > 0
    change(folders[0] / "server.py", "# resume begins\n", RESUME)
    change(folders[1] / "server.py", "(int(last) + 1) * each_s", "int(last) + 1")
    change(folders[1] / "server.py", "id: {second}", "id: {n}")
    after = trial()
    assert after["here"].all()
    assert (after["lost"].sum(), after["doubled"].sum()) == (0, 0)


def test_what_was_measured_comes_before_what_is_dated(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = {trial.stack: trial for trial in adoption.dated(["go", "rust"]).trials}
    monkeypatch.setattr(adoption, "_measured", {})
    monkeypatch.setattr(adoption, "try_stack", lambda stack, lab, *, bench: replace(shipped[stack.name], lines=1))
    adoption.run("go", progress=False)
    table = adoption.known("go", "rust").table.set_index("stack")
    assert table["here"].to_dict() == {"go": True, "rust": False}
    assert table.loc["go", "lines"] == 1
