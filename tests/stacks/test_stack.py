from __future__ import annotations

import re

import pytest

from rtlab.errors import InputError, RecordingError
from rtlab.stacks.stack import ADVICE, read_stack, shipped_stack, stack_names

from .conftest import Make

DATE = re.compile(r"(\d{4}-\d\d-\d\d)?")


@pytest.mark.parametrize("name", stack_names())
def test_what_comes_with_rtlab_can_be_read_and_is_complete(name: str) -> None:
    stack = shipped_stack(name)
    assert stack.name == name
    assert all((stack.title, stack.language, stack.framework, stack.version, stack.licence, stack.start))
    assert DATE.fullmatch(stack.released)
    assert set(stack.offers) <= {"events", "echo"}
    assert set(stack.needs) <= ADVICE.keys() | {"python"}
    assert stack.server_sources
    assert bool(stack.client) == bool(stack.client_sources)
    for source in (*stack.server_sources, *stack.client_sources):
        assert (stack.folder / source).is_file()


def test_a_stack_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(InputError, match=r"there are .*go"):
        shipped_stack("cobol")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"colour": "blue"}'])
def test_a_damaged_file_is_told(make: Make, text: str) -> None:
    folder = make().folder
    (folder / "stack.json").write_text(text, encoding="utf-8")
    with pytest.raises(RecordingError, match="cannot be read as a stack"):
        read_stack(folder)


def test_what_is_missing_is_named_once_with_the_way_to_get_it(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    stack = make(needs=["java", "javac", "python"])
    assert stack.missing == ("java", "javac")
    assert stack.obstacle.count("openjdk") == 1
    assert make().obstacle == ""
