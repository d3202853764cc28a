"""``adoption.beside()``: the programs of several stacks beside one another, with the lines for resume marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from rtlab.errors import InputError
from rtlab.findings.stack_source import StackSource
from rtlab.stacks.choice import chosen_stack
from rtlab.stacks.measuring import RESUME_BEGINS, RESUME_ENDS, count_lines, count_resume_lines
from rtlab.stacks.stack import Stack

_MARK = "box-shadow: -.3rem 0 #b07d00; background: rgba(176, 125, 0, .16); width: max-content; min-width: 100%"
_COLUMN = "flex: 1 1 20rem; min-width: 0; border: 1px solid rgba(128, 128, 128, .4); margin: 0"
_TEXT = (
    "max-height: 34rem; overflow: auto; padding: .5rem; margin: 0; line-height: 1.35; tab-size: 4; font-size: 12px"
)
_UNBROKEN = "white-space: pre; word-break: normal"


class StackSources:
    """Programs that are read side by side.

    Args:
        sources: One for each column.
    """

    def __init__(self, sources: Sequence[StackSource]) -> None:
        self.sources = tuple(sources)

    def __repr__(self) -> str:
        return "\n\n".join(f"{_caption(source)}\n\n{source.text}" for source in self.sources)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        columns = "".join(map(_column, self.sources))
        html = f'<div style="display: flex; flex-wrap: wrap; gap: .6rem">{columns}</div>'
        return {"text/plain": repr(self), "text/html": html}


def beside(*names: str, part: str = "server") -> StackSources:
    """Show the programs of stacks beside one another; the lines that are there for resume alone are marked.

    Args:
        names: Names of stacks, such as ``"go"``, or folders of your own.
        part: ``"server"`` or ``"client"``.

    Returns:
        One column a stack.

    Raises:
        InputError: There is no such stack or part, or none was named.
    """
    if not names:
        raise InputError("Name the stacks to show, such as 'go' and 'python-tornado'.")
    return StackSources([read_source(chosen_stack(name), part) for name in names])


def read_source(stack: Stack, part: str) -> StackSource:
    """Read the program of one part of a stack.

    Args:
        stack: The stack.
        part: ``"server"`` or ``"client"``.

    Raises:
        InputError: There is no such part, or the stack has no client.
        RecordingError: A file is missing.
    """
    sources = {"server": stack.server_sources, "client": stack.client_sources}.get(part)
    if not sources:
        raise InputError(f"{stack.title} has no {part!r}; ask for 'server', or for 'client' where there is one.")
    lines, resume_lines = count_lines(stack.folder, sources), count_resume_lines(stack.folder, sources)
    text = "\n".join((stack.folder / path).read_text(encoding="utf-8") for path in sources)
    return StackSource(stack.title, part, text, lines, resume_lines)


def _caption(source: StackSource) -> str:
    return f"{source.title}, {source.part}: {source.lines} lines, {source.resume_lines} of them for resume"


def _column(source: StackSource) -> str:
    name = escape(_caption(source))
    text = "".join(
        f'<mark style="{_MARK}; color: inherit; display: block">{inner}</mark>' if marked else inner
        for marked, inner in _blocks(source.text)
    )
    return (
        f'<figure style="{_COLUMN}"><figcaption style="padding: .4rem .5rem; font-weight: 600">{name}</figcaption>'
        f'<pre tabindex="0" role="region" aria-label="{name}" style="{_TEXT}; {_UNBROKEN}">'
        f'<code style="{_UNBROKEN}; font-size: inherit">{text}</code></pre></figure>'
    )


def _blocks(text: str) -> Iterator[tuple[bool, str]]:
    """Split a program into parts that are there for resume, their two comments included, and the others."""
    marked, block = False, ""
    for line in text.splitlines(keepends=True):
        begins, ends = RESUME_BEGINS in line, RESUME_ENDS in line
        if begins and block:
            yield marked, escape(block)
            block = ""
        marked = marked or begins
        block += line
        if ends:
            yield marked, escape(block.removesuffix("\n"))
            marked, block = False, ""
    if block:
        yield marked, escape(block)
