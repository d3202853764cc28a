from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rtlab
from rtlab.cli import build_parser, command_first

ROOT = Path(__file__).parent.parent
PROXIES = {name.lower() for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")}


def _rtlab(*words: str, path: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name.lower() not in PROXIES}
    environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys((str(path), str(ROOT))))
    return subprocess.run(
        [sys.executable, "-m", "rtlab", *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_version_is_told() -> None:
    done = _rtlab("--version")
    assert (done.returncode, done.stdout) == (0, f"rtlab {rtlab.__version__}\n")


@pytest.mark.parametrize("command", ["lab", "serve", "compare", "doctor"])
def test_each_command_explains_itself_with_an_example(command: str) -> None:
    done = _rtlab(command, "-h")
    assert done.returncode == 0
    assert f"usage: rtlab {command}" in done.stdout
    assert f"Example: rtlab {command}" in done.stdout


def test_a_switch_between_programs_is_not_shown_to_people() -> None:
    assert "--until-stdin-closes" not in _rtlab("serve", "-h").stdout
    options = build_parser()[0].parse_args(["serve", "--until-stdin-closes"])
    assert options.until_stdin_closes is True


def test_reading_the_command_line_imports_nothing_heavy() -> None:
    code = "import sys, rtlab.cli; rtlab.cli.build_parser(); print(*sys.modules)"
    command = [sys.executable, "-c", code]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=True)
    heavy = {"asyncio", "tornado", "pandas", "numpy", "plotly", "jupyterlab", "IPython", "ipywidgets", "rich"}
    assert not heavy & set(done.stdout.split())


COMMANDS = ("lab", "serve")
SWITCHES = ("-h", "--tls", "--no-browser")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "lab"),
        ("--port 9000", "lab --port 9000"),
        ("--no-browser --port 9000", "lab --no-browser --port 9000"),
        ("serve --rate 1", "serve --rate 1"),
        ("--no-browser lab", "lab --no-browser"),
        ("--tls --port 9000 serve --rate 1", "serve --tls --port 9000 --rate 1"),
        ("--port=9000 serve", "serve --port=9000"),
        ("--folder lab", "lab --folder lab"),
        ("--folder serve lab", "lab --folder serve"),
        ("--name lab serve", "serve --name lab"),
        ("-h serve", "serve -h"),
        ("-h", "-h"),
        ("--version", "--version"),
        ("labb", "labb"),
    ],
)
def test_options_may_stand_before_the_command_and_without_one_it_is_lab(words: str, expected: str) -> None:
    assert command_first(words.split(), COMMANDS, SWITCHES) == expected.split()


def test_the_defaults_are_the_documented_ones() -> None:
    parser, *_ = build_parser()
    serve = parser.parse_args(["serve"])
    assert (serve.host, serve.port, serve.tls, serve.rate) == ("127.0.0.1", 0, False, None)
    assert (serve.payload_bytes, serve.count, serve.subscribers, serve.stamp) == (32, None, 1, False)
    compare = parser.parse_args(["compare"])
    assert (compare.rate, compare.count, compare.payload_bytes, compare.repeats) == (20.0, 100, 64, 5)
    assert compare.transports == "sse,websocket,long-polling,polling"
    assert (compare.seed, compare.arrivals, compare.in_kernel, compare.progress) == (1, "steady", False, True)
    assert (compare.output, compare.recording) == (Path("report.html"), None)
    lab = parser.parse_args(["lab"])
    assert (lab.folder, lab.port, lab.ip, lab.no_browser, lab.fresh) == (None, 8888, "127.0.0.1", False, False)


@pytest.mark.parametrize(
    "words",
    [
        "labb",
        "lab --port 0",
        "serve --port 65536",
        "serve --rate -1",
        "serve --rate nan",
        "serve --payload-bytes 10",
        "serve --count 0",
        "compare --rate 0",
        "compare --transports sse,smoke-signals",
        "compare --arrivals sometimes",
        "compare --trans sse",
    ],
)
def test_what_cannot_work_is_refused(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser, commands, switches = build_parser()
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(command_first(words.split(), commands, switches))
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_an_error_of_rtlab_is_one_line_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = _rtlab("lab", "--folder", str(tmp_path / "file" / "folder"))
    assert done.returncode == 2
    assert done.stderr.startswith("rtlab: ") and done.stderr.count("\n") == 1


def test_a_fresh_copy_of_a_checkout_needs_a_folder() -> None:
    done = _rtlab("--fresh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--folder" in done.stderr


def test_the_doctor_of_a_sound_installation_leaves_with_0() -> None:
    done = _rtlab("doctor")
    assert done.returncode == 0, done.stdout
    assert "import websocket" in done.stdout and done.stderr == ""


def test_the_doctor_leaves_with_1_when_it_finds_a_problem(tmp_path: Path) -> None:
    (tmp_path / "websocket.py").write_text("")
    done = _rtlab("doctor", path=tmp_path)
    assert done.returncode == 1
    assert "websocket.py" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe has another error on Windows")
def test_a_reader_who_leaves_early_causes_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "rtlab", "doctor"]
    done = subprocess.run(command, env=environ, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
