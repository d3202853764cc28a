from __future__ import annotations

from pathlib import Path

import pytest

from rtlab.errors import InputError
from rtlab.results import tooling
from rtlab.servers.lab import Lab


def test_a_channel_of_a_lab_becomes_scripts_with_its_addresses(lab: Lab, tmp_path: Path) -> None:
    work = tooling.scenario(lab, "ticks", connections=3, messages=9)
    texts = tooling.scripts(work, tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == texts
    assert set(texts) == {
        "k6.js",
        "Listeners.java",
        "locustfile.py",
        "jmeter.jmx",
        "artillery.yml",
        "listeners.cjs",
    }
    for name, text in texts.items():
        assert name == "artillery.yml" or lab.sse_url("ticks") in text
        assert name == "listeners.cjs" or lab.ws_url("ticks") in text


def test_the_scripts_of_all_tools_are_those_of_each_tool_together(lab: Lab) -> None:
    work = tooling.scenario(lab)
    each = [tooling.export(tool, work) for tool in ("k6", "gatling", "locust", "jmeter", "artillery")]
    assert tooling.scripts(work) == {name: text for files in each for name, text in files.items()}


def test_settings_that_would_have_no_effect_are_refused(lab: Lab) -> None:
    with pytest.raises(InputError, match="connections: settings go with a lab"):
        tooling.export("k6", tooling.scenario(lab), connections=3)


def test_a_folder_that_does_not_exist_is_refused(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        tooling.scripts(tooling.scenario(lab), tmp_path / "nowhere")
