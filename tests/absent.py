"""What a test needs and does not find here: at home the test is skipped, where all must run it fails."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

import pytest

from rtlab.errors import MissingExtra

Found = TypeVar("Found")


def absent(what: object) -> NoReturn:
    """Skip the test for want of something that ``.ci/run`` installs; where that has run, it fails instead.

    Args:
        what: What is not here and how to get it, as words or as an error.
    """
    if os.environ.get("CI") == "true" and sys.platform == "linux":
        pytest.fail(f"not installed, though CI installs it: {what}")
    pytest.skip(str(what))


def needed(find: Callable[..., Found], *arguments: object) -> Found:
    """Give what a function finds; if that is not installed, it is :func:`absent`."""
    try:
        return find(*arguments)
    except MissingExtra as error:
        absent(error)
