import _thread
import asyncio
import concurrent.futures
import signal
import sys
import textwrap
import threading

import pytest

from rtlab.errors import LabNotRunning, WaitTimeout, WrongThread
from rtlab.loop_thread import LoopThread

TIMEOUT_S = 30.0


@pytest.fixture
def thread():
    made = LoopThread("rtlab test loop")
    made.hold()
    yield made
    made.release()


async def current_thread():
    return threading.current_thread()


def test_the_first_holder_starts_the_thread_and_the_last_one_ends_it():
    thread = LoopThread("rtlab test loop")
    assert not thread.running
    thread.hold()
    thread.hold()
    first = thread.call(current_thread, TIMEOUT_S)
    thread.release()
    assert thread.running
    assert thread.call(current_thread, TIMEOUT_S) is first
    thread.release()
    assert not thread.running
    assert not first.is_alive()


def test_the_thread_starts_again_after_its_end():
    thread = LoopThread("rtlab test loop")
    seen = set()
    for _ in range(3):
        thread.hold()
        seen.add(thread.call(current_thread, TIMEOUT_S))
        thread.release()
    assert len(seen) == 3


def test_a_release_without_a_hold_does_nothing(thread):
    other = LoopThread()
    other.release()
    thread.hold()
    thread.release()
    assert thread.running


def test_the_thread_is_a_daemon_with_its_name(thread):
    found = thread.call(current_thread, TIMEOUT_S)
    assert found.daemon
    assert found.name == "rtlab test loop"


def test_many_threads_may_hold_and_release_at_once():
    thread = LoopThread("rtlab test loop")

    def use():
        thread.hold()
        try:
            return thread.call(lambda: asyncio.sleep(0, "done"), TIMEOUT_S)
        finally:
            thread.release()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = [future.result(TIMEOUT_S) for future in [pool.submit(use) for _ in range(80)]]
    assert results == ["done"] * 80
    assert not thread.running


def test_a_call_gives_the_result_and_the_exception_of_its_coroutine(thread):
    async def fail():
        raise KeyError("mine")

    assert thread.call(lambda: asyncio.sleep(0, 42), TIMEOUT_S) == 42
    with pytest.raises(KeyError, match="mine"):
        thread.call(fail, TIMEOUT_S)


def test_a_call_that_takes_too_long_is_cancelled(thread):
    cancelled = threading.Event()

    async def wait():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(WaitTimeout, match=r"No answer within 0\.05 s"):
        thread.call(wait, 0.05)
    assert cancelled.wait(TIMEOUT_S)


def test_a_call_that_is_given_up_before_its_first_turn_does_nothing(thread):
    go_on, blocked, done = threading.Event(), threading.Event(), threading.Event()

    async def block():
        blocked.set()
        go_on.wait(TIMEOUT_S)

    async def work():
        done.set()

    thread.submit(block)
    assert blocked.wait(TIMEOUT_S)
    with pytest.raises(WaitTimeout):
        thread.call(work, 0.02)
    go_on.set()
    thread.call(lambda: asyncio.sleep(0), TIMEOUT_S)
    assert not done.is_set()


def test_the_time_limit_of_the_coroutine_itself_is_passed_on(thread):
    async def run_out():
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine") as caught:
        thread.call(run_out, TIMEOUT_S)
    assert not isinstance(caught.value, WaitTimeout)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a signal for one thread")
def test_an_interrupted_call_is_cancelled(thread):
    cancelled = threading.Event()
    caller = threading.main_thread().ident

    async def wait():
        while sys._current_frames()[caller].f_code.co_name != "wait":  # until it waits for us
            await asyncio.sleep(0)
        signal.pthread_kill(caller, signal.SIGINT)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        thread.call(wait, TIMEOUT_S)
    assert cancelled.wait(TIMEOUT_S)


def test_a_blocking_call_on_the_loops_own_thread_is_refused(thread):
    async def misuse(method, *arguments):
        with pytest.raises(WrongThread, match="another thread"):
            method(*arguments)

    thread.call(lambda: misuse(thread.call, lambda: asyncio.sleep(0), 1.0), TIMEOUT_S)
    thread.call(lambda: misuse(thread.hold), TIMEOUT_S)
    thread.call(lambda: misuse(thread.release), TIMEOUT_S)
    assert thread.running


def test_the_own_thread_is_refused_while_the_last_holder_leaves_too():
    thread = LoopThread("rtlab test loop")
    thread.hold()
    outcome = []

    async def misuse_at_the_end():
        try:
            await asyncio.sleep(60)
        finally:
            try:
                thread.hold()
            except WrongThread as error:
                outcome.append(error)

    thread.submit(misuse_at_the_end)
    thread.call(lambda: asyncio.sleep(0), TIMEOUT_S)
    thread.release()
    assert len(outcome) == 1


def test_without_a_holder_there_is_no_loop():
    thread = LoopThread()
    with pytest.raises(LabNotRunning):
        _ = thread.loop
    with pytest.raises(LabNotRunning):
        thread.call(lambda: asyncio.sleep(0), 1.0)


def test_a_call_that_waits_while_the_loop_ends_says_so():
    thread = LoopThread("rtlab test loop")
    thread.hold()
    started = threading.Event()

    async def wait():
        started.set()
        await asyncio.sleep(60)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(thread.call, wait, 30.0)
        assert started.wait(TIMEOUT_S)
        thread.release()
        with pytest.raises(LabNotRunning, match="stopped before"):
            waiting.result(TIMEOUT_S)


def test_a_loop_that_does_not_yield_is_reported():
    thread = LoopThread("rtlab test loop")
    thread.hold()
    go_on, started = threading.Event(), threading.Event()

    async def block():
        started.set()
        go_on.wait(TIMEOUT_S)

    thread.submit(block)
    assert started.wait(TIMEOUT_S)
    with pytest.raises(WaitTimeout, match="still busy"):
        thread.release(timeout_s=0.05)
    go_on.set()


def test_an_interrupt_at_any_moment_of_a_call_leaves_no_work_behind(python):
    script = """
        import asyncio, gc, sys
        from rtlab.loop_thread import LoopThread

        class Stop(BaseException):
            pass

        def interrupt_at(step):
            seen = 0
            def trace(frame, event, argument):
                nonlocal seen
                if frame.f_code.co_filename.endswith(("loop_thread.py", "base_events.py", "_base.py")):
                    seen += 1
                    if seen == step:
                        sys.settrace(None)
                        raise Stop
                return trace
            return trace

        async def at_work():
            for _ in range(3):  # what was cancelled needs a turn to end
                await asyncio.sleep(0)
            return len(asyncio.all_tasks()) - 2  # the thread's own, and this one

        thread = LoopThread("rtlab test loop")
        thread.hold()
        steps, interrupted = 0, True
        while interrupted:
            steps += 1
            sys.settrace(interrupt_at(steps))
            try:
                thread.call(lambda: asyncio.sleep(0.2), 5.0)
                interrupted = False
            except Stop:
                pass
            finally:
                sys.settrace(None)
            assert thread.call(at_work, 5.0) == 0, steps
        gc.collect()
        thread.release()
        print(steps > 20)
    """
    process = python("-c", textwrap.dedent(script))
    assert process.communicate(timeout=60) == ("True\n", "")


def test_an_interrupt_while_the_thread_begins_leaves_none(monkeypatch):
    thread = LoopThread("rtlab test loop")
    begin = thread._run

    def interrupt_and_begin(ready):
        _thread.interrupt_main()
        begin(ready)

    monkeypatch.setattr(thread, "_run", interrupt_and_begin)
    with pytest.raises(KeyboardInterrupt):
        thread.hold()
    assert not thread.running
    monkeypatch.setattr(thread, "_run", begin)
    thread.hold()
    assert thread.running
    thread.release()
    assert not thread.running
