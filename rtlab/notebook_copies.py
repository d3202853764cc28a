"""A learner's own copies of the notebooks, which nothing of ours ever overwrites."""

from __future__ import annotations

import filecmp
import shutil
from dataclasses import dataclass
from pathlib import Path

from rtlab.errors import LabError


@dataclass(frozen=True, slots=True)
class Copied:
    """What happened to the notebooks on their way into a folder, as paths in it.

    Attributes:
        new: Files that were copied.
        kept: Files that differ from those that rtlab brings, and stay as they are.
        beside: Copies put next to such a file.
    """

    new: tuple[Path, ...]
    kept: tuple[Path, ...]
    beside: tuple[Path, ...]


def copy_notebooks(source: Path, target: Path, *, fresh: bool = False) -> Copied:
    """Copy the notebooks into a folder, and overwrite nothing that differs.

    Args:
        source: The folder with the notebooks of rtlab.
        target: The learner's folder; made if it is not there.
        fresh: Put a copy named ``NAME.fresh.ipynb`` next to each file that differs.

    Returns:
        What was done.

    Raises:
        LabError: The folder cannot be written.
    """
    new, kept, beside = [], [], []
    try:
        for file in sorted(path for path in source.rglob("*") if path.is_file()):
            place = file.relative_to(source)
            if any(part.startswith((".", "__")) for part in place.parts):  # checkpoints and caches
                continue
            mine = target / place
            mine.parent.mkdir(parents=True, exist_ok=True)
            if not mine.exists():
                shutil.copyfile(file, mine)
                new.append(place)
            elif not filecmp.cmp(file, mine, shallow=False):
                kept.append(place)
                if fresh and (free := _free_name(file, mine)) is not None:
                    shutil.copyfile(file, free)
                    beside.append(free.relative_to(target))
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(f"The notebooks cannot be copied to {target}: {error}. Give another --folder.") from error
    return Copied(tuple(new), tuple(kept), tuple(beside))


def _free_name(file: Path, mine: Path) -> Path | None:
    """Find a name for a copy of ``file`` beside ``mine``; None if an equal copy is there already."""
    number = 1
    while True:
        free = mine.with_name(f"{mine.stem}.fresh{'' if number == 1 else f'-{number}'}{mine.suffix}")
        if not free.exists():
            return free
        if filecmp.cmp(file, free, shallow=False):
            return None
        number += 1
