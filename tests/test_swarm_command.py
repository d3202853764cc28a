import argparse

import pytest

from rtlab import cli_options
from rtlab.errors import InputError
from rtlab.results.swarm import Swarm
from rtlab.swarm_command import run


def command(*words):
    parser = argparse.ArgumentParser()
    cli_options.swarm(parser)
    return run(
        parser.parse_args([*words, "--no-progress", "--workers", "1", "--ramp-up", "0.1", "--seconds", "0.5"])
    )


def test_the_command_prints_the_seconds_and_the_sentence_and_saves(lab, capsys, tmp_path):
    path = tmp_path / "swarm.json"
    words = ("--connections", "2", "--rate", "20", "--payload-bytes", "50", "--sample", "1", "--json", str(path))
    code = command(lab.echo_url(), *words)
    found = Swarm.load(path)
    assert code == (0 if found.valid else 1)
    assert found.totals.sample.messages == 10
    printed = " ".join(capsys.readouterr().out.split())
    assert "second opened sent arrived p50 p99 oldest" in printed
    assert found.text in printed
    assert str(path) in printed


def test_a_check_that_failed_is_told_by_the_exit_code(lab, capsys):
    assert command(lab.http_url.replace("http", "ws") + "/nowhere", "--connections", "1") == 1
    assert "0 of 1 WebSocket connections opened" in " ".join(capsys.readouterr().out.split())


def test_header_fields_and_an_authority_can_be_given(make_lab, tmp_path, capsys):
    lab = make_lab(tls=True)
    pem = tmp_path / "ca.pem"
    pem.write_text(lab.ca_pem)
    command(lab.echo_url(), "--connections", "1", "--ca-file", str(pem), "--header", "X-Test: a:b")
    assert "1 of 1 WebSocket connections opened" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ws://example.com/"], "consent"),
        (["http://127.0.0.1:1/", "--rate", "5"], "publish_url"),
        (["ws://127.0.0.1:1/", "--json", "/nowhere/at/all.json"], "make it first"),
        (["ws://127.0.0.1:1/", "--ca-file", "/nowhere.pem"], "cannot be read"),
        (["ws://127.0.0.1:1/", "--header", "nonsense"], "NAME:VALUE"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(words, said):
    with pytest.raises(InputError, match=said):
        command(*words)
