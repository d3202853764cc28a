from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from rtlab.experiments import pinning
from rtlab.experiments.pinning import NOT_ALLOWED, NOT_POSSIBLE, pinned, two_cores

PINNING = pytest.mark.skipif(
    not hasattr(psutil.Process, "cpu_affinity") or len(psutil.Process().cpu_affinity() or ()) < 2,
    reason="needs two cores, and a system that lets programs choose",
)


@pytest.fixture
def child() -> Iterator[int]:
    """A process with a second thread that waits for the end of its input."""
    program = "import sys, threading; threading.Thread(target=sys.stdin.read).start(); print(1, flush=True)"
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid
        process.communicate(timeout=30)


def cores_of(pid: int) -> list[list[int]]:
    """Where each thread of a process may run; on Windows all of them alike."""
    if sys.platform == "linux":
        return [sorted(os.sched_getaffinity(thread.id)) for thread in psutil.Process(pid).threads()]
    return [sorted(psutil.Process(pid).cpu_affinity() or ())]


def places(*pids: int) -> set[tuple[int, ...]]:
    """Where threads of some processes may run; threads may come and go meanwhile."""
    return {tuple(cores) for pid in pids for cores in cores_of(pid)}


@PINNING
def test_every_thread_of_both_processes_is_pinned_and_set_free_again(child: int) -> None:
    stop = threading.Event()
    threading.Thread(target=stop.wait).start()
    before = cores_of(os.getpid()), cores_of(child)
    with pinned(child) as said:
        ours, theirs = cores_of(os.getpid()), cores_of(child)
        late = threading.Thread(target=stop.wait)  # it inherits the core of its maker
        late.start()
    after = cores_of(os.getpid()), cores_of(child)
    stop.set()
    late.join(30)
    assert {tuple(cores) for cores in ours} == {(ours[0][0],)}
    assert {tuple(cores) for cores in theirs} == {(theirs[0][0],)}
    assert ours[0] != theirs[0]
    assert said == f"client on core {ours[0][0]}, server on core {theirs[0][0]}"
    assert {tuple(cores) for cores in after[0]} == {tuple(cores) for cores in before[0]}
    assert after[1] == before[1]


@PINNING
def test_an_error_sets_everybody_free(child: int) -> None:
    before = places(os.getpid(), child)
    with pytest.raises(ZeroDivisionError), pinned(child):
        raise ZeroDivisionError
    assert places(os.getpid(), child) == before


@PINNING
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX signals")
def test_an_interrupt_sets_everybody_free(child: int) -> None:
    before = places(os.getpid(), child)
    with pytest.raises(KeyboardInterrupt), pinned(child):
        signal.raise_signal(signal.SIGINT)
    assert places(os.getpid(), child) == before


@PINNING
def test_a_server_that_ends_meanwhile_does_no_harm() -> None:
    before = places(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        with pinned(process.pid):
            process.communicate(b"\n", timeout=30)
        assert places(os.getpid()) == before


@PINNING
@pytest.mark.parametrize("refusal", [psutil.AccessDenied(1), ValueError("invalid CPU"), OSError(22, "invalid")])
def test_a_system_that_does_not_allow_it_is_not_said_to_have_done_it(
    monkeypatch: pytest.MonkeyPatch, child: int, refusal: Exception
) -> None:
    ask = psutil.Process.cpu_affinity

    def cpu_affinity(self: psutil.Process, cpus: list[int] | None = None) -> list[int] | None:
        if cpus is not None:
            raise refusal
        return ask(self)

    monkeypatch.setattr(psutil.Process, "cpu_affinity", cpu_affinity)
    with pinned(child) as said:
        assert said == NOT_ALLOWED


@PINNING
def test_a_server_that_is_gone_already_does_no_harm() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(30)
        with pinned(process.pid) as said:
            assert said == NOT_ALLOWED


@pytest.mark.parametrize(("pid", "wanted", "why"), [(None, True, "one process"), (1, False, "not wanted")])
def test_nothing_is_pinned_without_need(pid: int | None, wanted: bool, why: str) -> None:
    with pinned(pid, wanted) as said:
        assert why in said


def test_a_system_that_cannot_pin_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pinned(1) as said:
        assert said == NOT_POSSIBLE


def test_one_core_is_not_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pinning, "_allowed", lambda pid: [3])
    with pinned(1) as said:
        assert said in ("no: there is one core", NOT_POSSIBLE)


@pytest.mark.parametrize(
    ("listed", "allowed", "chosen"),
    [
        ("0-1", [0, 1, 2, 3], (0, 2)),
        ("0,4", [0, 1, 4, 5], (0, 1)),
        ("0-1,8-9", [0, 1, 2], (0, 2)),
        ("0-1", [0, 1], (0, 1)),
        ("0", [0, 1], (0, 1)),
        ("what", [0, 1], (0, 1)),
    ],
)
def test_two_threads_of_one_core_are_the_last_choice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, listed: str, allowed: list[int], chosen: tuple[int, int]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(pinning, "_TOPOLOGY", tmp_path)
    folder = tmp_path / "cpu0" / "topology"
    folder.mkdir(parents=True)
    (folder / "thread_siblings_list").write_text(f"{listed}\n", encoding="ascii")
    assert two_cores(allowed) == chosen


def test_without_a_list_neighbours_count_as_one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert two_cores([0, 1, 2, 3]) == (0, 2)
    assert two_cores([1, 2, 3]) == (1, 2)
    assert two_cores([2, 3]) == (2, 3)


def test_the_pins_hold_while_a_comparison_runs(make_lab: Callable[..., object]) -> None:
    from rtlab.experiments.compare import record, server_pid
    from rtlab.workload import Workload

    lab = make_lab(isolated=True)
    seen = []
    pid = server_pid(lab)  # type: ignore[arg-type]
    assert pid
    before = places(pid)
    recording = record(
        lab,  # type: ignore[arg-type]
        Workload(rate_per_s=200, count=5),
        ("sse",),
        repeats=1,
        progress=lambda *step: seen.append(cores_of(pid)),
    )
    assert places(pid) == before
    if str(recording.conditions["pinned"]).startswith("client on"):
        assert all(len(cores) == 1 for cores in seen[0])
    free = record(lab, Workload(rate_per_s=200, count=5), ("sse",), repeats=1, pin=False)  # type: ignore[arg-type]
    assert free.conditions["pinned"] == "no: not wanted"
