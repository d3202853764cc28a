"""Stand-ins for what needs a network: the verbs, and the labs, clients and widgets that they give.

Both ways use the same stand-ins. A recorder lets the real thing do its work and writes down what came of it; a
player finds what was written down. What is asked for is told in words that are the same both times.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import types
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Protocol

from rtlab.errors import InputError
from rtlab.replay.gate import COMPUTED, recording
from rtlab.replay.values import class_at, encode

_MAX_CHARACTERS = 160
_OTHER = "builtins:object"
_PORT = re.compile(r"(?<=//127\.0\.0\.1):\d+")


class Deck(Protocol):
    """Who gives the outcome of an operation: a recorder or a player."""

    def outcome(self, asked: str, work: Callable[[], Any], *, anywhere: bool = False) -> Any:
        """Give what comes of an operation.

        Args:
            asked: The operation, in words.
            work: Does it; only a recorder calls this.
            anywhere: The outcome may come from another cell, for it depends on nothing but what is asked.
        """

    def computed(self, verb: Callable[..., Any]) -> Callable[..., Any]:
        """Give what stands for a verb that only computes."""


class Live:
    """Stands for a thing that does something: a lab, a client, a relay, a widget.

    Args:
        deck: Gives the outcomes.
        name: How it was made, in words.
        path: The class of the real thing.
        real: The real thing; None in a replay.
    """

    def __init__(self, deck: Deck, name: str, path: str, real: Any = None) -> None:
        vars(self).update(_deck=deck, _name=name, _path=path, _real=real)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"A {self._path.split(':')[1]} has no {name!r} that is recorded.")
        asked = f"{self._name}.{name}"
        method = getattr(_class_of(self), name, None)
        if not callable(method):
            return self._deck.outcome(asked, lambda: getattr(self._real, name))
        return _operation(self._deck, asked, method, lambda: getattr(self._real, name))

    def __setattr__(self, name: str, value: Any) -> None:
        self._deck.outcome(f"{self._name}.{name} = {told(value)}", lambda: setattr(self._real, name, real(value)))

    def __enter__(self) -> Any:
        return self._deck.outcome(f"{self._name}.__enter__()", lambda: self._real.__enter__())

    def __exit__(self, *error: Any) -> Any:
        return self._deck.outcome(f"{self._name}.__exit__()", lambda: self._real.__exit__(*error))

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return self._deck.outcome(f"{self._name}.__next__()", lambda: next(self._real))

    def __await__(self) -> Generator[Any, Any, Any]:
        result = (yield from self._real.__await__()) if self._real is not None else None
        return self._deck.outcome(f"{self._name}.__await__()", lambda: result)

    def __dir__(self) -> list[str]:
        return [name for name in dir(_class_of(self)) if not name.startswith("_")]

    def __repr__(self) -> str:
        return f"<{self._path.split(':')[1]} from a recording>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self._deck.outcome(f"display({self._name})", lambda: readable(self._real), anywhere=True)


class Verbs:
    """Stands for a module of verbs, such as ``rtlab.direction``.

    Args:
        deck: Gives the outcomes.
        module: The module.
    """

    def __init__(self, deck: Deck, module: types.ModuleType) -> None:
        self._deck = deck
        self._module = module
        self.__doc__ = module.__doc__

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        full = f"{self._module.__name__.rpartition('.')[2]}.{name}"
        return verb(self._deck, full, value) if isinstance(value, types.FunctionType) else value

    def __dir__(self) -> list[str]:
        return dir(self._module)


def stand_in(name: str, value: Any) -> Any:
    """Give the stand-in for a public name.

    Args:
        name: The name.
        value: A module of verbs, a verb or a class.
    """
    deck = _deck()
    return Verbs(deck, value) if isinstance(value, types.ModuleType) else verb(deck, name, value)


@functools.cache
def _deck() -> Deck:
    if recording():
        from rtlab.replay.recorder import recorder

        return recorder
    from rtlab.replay.player import Player

    return Player()


def verb(deck: Deck, name: str, value: Callable[..., Any]) -> Callable[..., Any]:
    """Give the stand-in for a verb or a class: an experiment, which every cell may ask for.

    Args:
        deck: Gives the outcomes.
        name: Its name.
        value: The verb or the class.
    """
    if name in COMPUTED:
        return deck.computed(value)
    return _operation(deck, name, value, lambda: value, anywhere=True)


def _operation(
    deck: Deck, name: str, like: Callable[..., Any], find: Callable[[], Any], *, anywhere: bool = False
) -> Callable[..., Any]:
    @functools.wraps(like)
    def called(*args: Any, **kwargs: Any) -> Any:
        words = [told(each) for each in args] + [f"{key}={told(each)}" for key, each in kwargs.items()]
        return deck.outcome(
            f"{name}({', '.join(words)})",
            lambda: find()(*map(real, args), **{key: real(each) for key, each in kwargs.items()}),
            anywhere=anywhere,
        )

    return called


def _class_of(live: Live) -> Any:
    return object if live._path == _OTHER else class_at(live._path)


def path_of(thing: Any) -> str:
    """Name the class of a thing that is replayed call by call."""
    kind = type(thing)
    return f"{kind.__module__}:{kind.__qualname__}" if kind.__module__.startswith("rtlab.") else _OTHER


def told(value: Any) -> str:
    """Write an argument in words that are the same when it is recorded and when it is replayed."""
    if isinstance(value, Live):
        text: str = value._name
    elif type(value) is tuple or type(value) is list:
        inner = ", ".join(map(told, value))
        text = f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    elif isinstance(value, Mapping):
        text = "{" + ", ".join(f"{told(key)}: {told(each)}" for key, each in value.items()) + "}"
    elif isinstance(value, str | bytes | int | float | None):
        text = _PORT.sub(":0", repr(value)) if isinstance(value, str) else repr(value)
    else:
        text = f"{type(value).__name__} {_written(value)}".rstrip()
    if len(text) <= _MAX_CHARACTERS:
        return text
    return f"{text[:_MAX_CHARACTERS]}... {hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _written(value: Any) -> str:
    try:
        written = encode(value)
    except InputError:
        return ""  # a callback, for example: its class must do
    return json.dumps(written.get("state", written))


def real(value: Any) -> Any:
    """Give the real thing for a stand-in, also for those in tuples, lists and dictionaries."""
    if isinstance(value, Live):
        return value._real
    if type(value) is tuple or type(value) is list:
        return type(value)(map(real, value))
    if type(value) is dict:
        return {key: real(each) for key, each in value.items()}
    return value


def readable(thing: Any) -> dict[str, Any]:
    """Give what a page without widgets shows of a thing: its text, and its HTML if it has some."""
    show = getattr(thing, "_repr_mimebundle_", None)
    shown = show() if show else None
    bundle = dict((shown[0] if isinstance(shown, tuple) else shown) or {})
    if not bundle and hasattr(thing, "_repr_html_"):
        bundle["text/html"] = thing._repr_html_()
    bundle.setdefault("text/plain", repr(thing))
    return {kind: bundle[kind] for kind in ("text/plain", "text/html") if kind in bundle}
