"""Plain values as YAML text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


class _WithoutAliases(yaml.SafeDumper):
    """Writes equal parts out each time; a shared reference would be hard to read, and some readers refuse it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def yaml_text(content: Mapping[str, Any]) -> str:
    """Write a document as YAML, its members in their order.

    Args:
        content: Plain values.
    """
    return yaml.dump(dict(content), Dumper=_WithoutAliases, sort_keys=False, allow_unicode=True, width=100)
