from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

import rtlab
from rtlab.conformance.peers import PEERS, Peer, chosen_peers
from rtlab.errors import InputError

SSECLIENT = next(peer for peer in PEERS if peer.name == "sseclient-py")


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Put modules into the way of the import statement; they are forgotten at the end."""
    monkeypatch.syspath_prepend(str(tmp_path))
    written = []

    def write(name: str, source: str) -> str:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        written.append(name)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)


def test_what_rtlab_itself_depends_on_can_always_be_run() -> None:
    for name in ("rtlab", "sseclient-py", "websocket-client", "tornado"):
        for peer in chosen_peers(None, [name]):
            assert peer.obstacle == ""
            assert peer.version


def test_a_peer_that_is_missing_says_how_to_get_it() -> None:
    missing = replace(SSECLIENT, name="no-such-distribution", modules=("no_such_module",))
    assert missing.version == ""
    assert missing.obstacle == "not installed: pip install 'rtlab[league]'"


def test_another_package_of_the_same_import_name_is_named(module) -> None:  # type: ignore[no-untyped-def]
    other = replace(SSECLIENT, modules=(module("taken_name", "class SSEClient:\n    pass\n"),))
    assert other.obstacle == (
        "another package owns the import name 'taken_name': uninstall that one, then install sseclient-py again"
    )


def test_a_package_that_breaks_on_import_is_named_with_its_error(module) -> None:  # type: ignore[no-untyped-def]
    broken = replace(SSECLIENT, modules=(module("broken_name", "raise RuntimeError('too old')\n"),))
    assert broken.obstacle == "cannot be imported, RuntimeError: too old; install it again"


def test_a_module_without_a_distribution_tells_its_own_version(module) -> None:  # type: ignore[no-untyped-def]
    name = module("bare_name", "__version__ = '3.2.1'\nclass SSEClient:\n    def events(self): ...\n")
    bare = replace(SSECLIENT, name="no-such-distribution", modules=(name,))
    assert bare.obstacle == ""
    assert bare.version == "3.2.1"


def test_rtlab_has_a_version_in_a_checkout_too() -> None:
    ours = replace(PEERS[0], name="no-such-distribution")
    assert ours.version == rtlab.__version__


def test_peers_are_chosen_by_protocol_and_name_in_the_order_of_the_league() -> None:
    assert chosen_peers(None, None) == PEERS
    assert {peer.protocol for peer in chosen_peers("sse", None)} == {"sse"}
    assert [peer.name for peer in chosen_peers("websocket", ["tornado", "rtlab"])] == ["rtlab", "tornado"]
    assert [peer.protocol for peer in chosen_peers(None, ["rtlab"])] == ["sse", "websocket"]


def test_an_unknown_protocol_or_peer_is_refused() -> None:
    with pytest.raises(InputError, match="not 'http'"):
        chosen_peers("http", None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no peer 'tornado' here; there are rtlab, sseclient-py"):
        chosen_peers("sse", ["tornado"])


def test_what_a_peer_lacks_is_said_of_each_vector() -> None:
    def lacked(name: str) -> set[str]:
        (peer,) = chosen_peers("websocket", [name])
        return {peer.lacks(vector) for vector in peer.vectors()}

    assert lacked("rtlab") == lacked("tornado") == {""}
    assert lacked("wsproto") == {"", "size limit"}
    assert lacked("websocket-client") == {"", "permessage-deflate"}
    assert {peer.lacks(vector) for peer in chosen_peers("sse", None) for vector in peer.vectors()} == {""}


def test_each_peer_stands_once_for_each_protocol() -> None:
    assert len({(peer.protocol, peer.name) for peer in PEERS}) == len(PEERS) == 11
    assert all(isinstance(peer, Peer) for peer in PEERS)
