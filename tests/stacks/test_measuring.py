from __future__ import annotations

import pytest

from rtlab.errors import LabError, RecordingError
from rtlab.stacks.building import build
from rtlab.stacks.measuring import count_lines, count_resume_lines, installed_bytes, list_dependencies

from .conftest import GOOD_SERVER, Make

SOURCE = """// A comment.

/*
 * More of it.
 */
int first = 1;
// resume begins
first = last + 1;

if (first > count) return; // a comment behind
// resume ends
send(first);
"""


def test_empty_lines_and_comments_do_not_count(make: Make) -> None:
    stack = make({"a.go": SOURCE, "b.rs": "#[tokio::main]\n"}, server_sources=["a.go", "b.rs"])
    assert count_lines(stack.folder, stack.server_sources) == 5
    assert count_resume_lines(stack.folder, stack.server_sources) == 2


@pytest.mark.parametrize(
    "text", ["// resume begins\nx\n", "// resume ends\n", "# resume begins\n# resume begins\n"]
)
def test_comments_about_resume_that_do_not_match_are_told(make: Make, text: str) -> None:
    stack = make({"a.go": text}, server_sources=["a.go"])
    with pytest.raises(RecordingError, match="resume"):
        count_resume_lines(stack.folder, stack.server_sources)


def test_a_missing_source_is_told(make: Make) -> None:
    with pytest.raises(RecordingError, match="gone"):
        count_lines(make().folder, ("gone.go",))


def test_dependencies_are_what_the_tool_prints_each_once(make: Make) -> None:
    stack = make(dependencies=["{python}", "-c", "print('b 1'); print(); print('a 2'); print('b 1')"])
    assert list_dependencies(stack, build(stack)) == ("a 2", "b 1")
    assert list_dependencies(make(), build(make())) == ()


def test_a_tool_that_fails_is_told(make: Make) -> None:
    stack = make(dependencies=["{python}", "-c", "raise SystemExit('no lock file')"])
    with pytest.raises(LabError, match="no lock file"):
        list_dependencies(stack, build(stack))


def test_each_installed_file_counts_once_and_tools_of_the_build_do_not(make: Make) -> None:
    stack = make({"server.py": GOOD_SERVER, "big.bin": "x" * 1_000}, installed=["*.bin", "**/*.bin"])
    folder = build(stack)
    (folder / "pip").mkdir()
    (folder / "pip" / "tool.bin").write_text("tool")
    assert installed_bytes(stack, folder) == 1_000
