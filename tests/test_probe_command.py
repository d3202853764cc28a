from __future__ import annotations

import argparse
import json
from xml.etree import ElementTree

import pytest

from rtlab.cli_options import probe as add_options
from rtlab.errors import InputError
from rtlab.network.faults import DropLastEventId, Http10, StripUpgrade
from rtlab.probe_command import run
from rtlab.results.capture import through


def probe_command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return run(parser.parse_args([*words, "--seconds", "0.5"]))


def test_a_healthy_endpoint_ends_with_0_and_is_told(lab, capsys):
    lab.publish("hello")
    assert probe_command(lab.sse_url()) == 0
    said = capsys.readouterr().out
    assert "SSE-RETRY" in said
    assert "status: 200" in said
    assert "retry_ms: 1000" in said


def test_an_error_ends_with_1_and_tells_the_fix(lab, capsys):
    with through(lab, StripUpgrade()) as relay:
        assert probe_command(relay.ws_url(), "--fixes") == 1
    said = capsys.readouterr().out
    assert "WS-REFUSED" in said
    assert "proxy_set_header Upgrade $http_upgrade;" in said


def test_a_warning_ends_with_1_only_if_it_is_asked_for(lab, capsys):
    with through(lab, Http10(), DropLastEventId()) as relay:
        assert probe_command(relay.sse_url()) == 0
        assert probe_command(relay.sse_url(), "--fail-on", "warning") == 1
    assert "proxy_http_version" not in capsys.readouterr().out


def test_an_endpoint_that_nobody_serves_ends_with_2(lab, capsys):
    url = lab.sse_url()
    lab.stop()
    assert probe_command(url) == 2
    assert "could not be reached" in capsys.readouterr().out


def test_every_file_that_is_asked_for_is_written(lab, tmp_path, capsys):
    files = {name: tmp_path / f"probe.{name}" for name in ("json", "html", "sarif", "junit")}
    words = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    assert probe_command(lab.ws_url(), "--header", "X-Me: it is me", *words) == 0
    assert json.loads(files["json"].read_text(encoding="utf-8"))["reached"]
    assert json.loads(files["sarif"].read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert ElementTree.parse(files["junit"]).getroot().get("failures") == "0"
    assert "<h1>" in files["html"].read_text(encoding="utf-8")
    assert capsys.readouterr().out.count("Saved: ") == 4


def test_tls_needs_the_authority(make_lab, tmp_path):
    lab = make_lab(tls=True)
    authority = tmp_path / "ca.pem"
    authority.write_text(lab.ca_pem, encoding="ascii")
    assert probe_command(lab.sse_url()) == 1
    assert probe_command(lab.sse_url(), "--ca-file", str(authority)) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "or its owner agrees, give --consent."),
        (("--consent", "--intrusive"), "what --intrusive tries may stop a server"),
    ],
)
def test_another_machine_is_refused_in_the_words_of_the_command(words, said):
    with pytest.raises(InputError, match=said):
        probe_command("https://probe.invalid/stream", *words)


def test_intrusive_checks_are_made_if_asked_for(lab, capsys, monkeypatch):
    for name in ("slow_head_s", "slow_reader_s"):
        monkeypatch.setattr(f"rtlab.probes.slow_clients.{name}", lambda seconds: 0.3)
    monkeypatch.setattr("rtlab.probes.slow_clients._CATCHING_UP_S", 0.2)
    monkeypatch.setattr("rtlab.probes.message_limit.REACTION_S", 0.2)
    assert probe_command(lab.ws_url(), "--intrusive") == 0
    assert "WS-FRAGMENTS" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ("http://example.invalid/",),
        ("http://127.0.0.1/", "--header", "no colon"),
        ("http://127.0.0.1/", "--json", "/no/such/folder/x.json"),
        ("http://127.0.0.1/", "--ca-file", "/no/such/file"),
        ("file:///etc/passwd",),
    ],
)
def test_wrong_use_is_told(words):
    with pytest.raises(InputError):
        probe_command(*words)
