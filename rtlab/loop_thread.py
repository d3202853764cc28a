"""One event loop in one background thread, shared by every lab and every client of this process.

A kernel runs cells on its main thread. A server that lived there would stand still while a cell computes, and a
cell that waits for a message would wait for itself. So all sockets live on one daemon thread with a loop of its
own, and the calls that learners make are plain blocking calls into it, each with a time limit.

The thread starts with its first user and ends with its last: ``hold()`` and ``release()`` count them.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

from rtlab.errors import LabNotRunning, WaitTimeout, WrongThread

T = TypeVar("T")

_STOPPED = "The event loop was stopped before the work was done; start the lab or open the client again."


class LoopThread:
    """An event loop on a daemon thread that exists while somebody holds it.

    Args:
        name: The thread's name, as ``threading.enumerate()`` shows it.
    """

    def __init__(self, name: str = "rtlab loop") -> None:
        self.name = name
        self._lock = threading.Lock()
        self._holders = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The running loop.

        Raises:
            LabNotRunning: Nobody holds the thread.
        """
        if self._loop is None:
            raise LabNotRunning("No event loop is running; start a lab or open a client first.")
        return self._loop

    @property
    def running(self) -> bool:
        """True while the thread lives."""
        return self._thread is not None and self._thread.is_alive()

    def hold(self) -> None:
        """Count one more user; the first one starts the thread."""
        self.refuse_own_thread()
        with self._lock:
            if self._holders == 0:
                ready = threading.Event()
                self._thread = threading.Thread(target=self._run, args=(ready,), name=self.name, daemon=True)
                try:
                    self._thread.start()
                    if not ready.wait(10):
                        raise WaitTimeout("The event loop's thread did not start within 10 s.")
                except BaseException:
                    if ready.wait(1):  # an interrupt came while it began
                        self._end(1)
                    raise
            self._holders += 1

    def release(self, timeout_s: float = 5.0) -> None:
        """Count one user less; the last one stops the thread and waits for its end.

        Args:
            timeout_s: How long to wait for the thread, in seconds.

        Raises:
            WaitTimeout: The thread still runs; something on the loop does not yield.
        """
        self.refuse_own_thread()
        with self._lock:
            self._holders = max(0, self._holders - 1)
            if not self._holders:
                self._end(timeout_s)

    def submit(self, work: Callable[[], Coroutine[Any, Any, T]]) -> concurrent.futures.Future[T]:
        """Start a coroutine on the loop and return at once.

        The coroutine is made on the loop's thread: an interrupt of the caller finds none that nobody will await.

        Args:
            work: Makes the coroutine, such as ``lambda: server.start()``.

        Returns:
            A future that any thread may wait for; to cancel it cancels the coroutine.

        Raises:
            LabNotRunning: Nobody holds the thread.
        """
        answer = concurrent.futures.Future[T]()
        self._begin(work, answer)
        return answer

    def call(self, work: Callable[[], Coroutine[Any, Any, T]], timeout_s: float) -> T:
        """Run a coroutine on the loop and wait for its result.

        An interrupt of the cell or the end of the time cancels the coroutine, so nothing goes on unseen.

        Args:
            work: Makes the coroutine, such as ``lambda: server.start()``.
            timeout_s: How long to wait, in seconds.

        Returns:
            What the coroutine returns.

        Raises:
            WaitTimeout: It took longer.
            LabNotRunning: The loop has ended, perhaps while the coroutine ran.
            WrongThread: Called on the loop's own thread.
        """
        self.refuse_own_thread()
        answer = concurrent.futures.Future[T]()  # made first: an interrupt while the work begins cancels it, too
        try:
            self._begin(work, answer)
            return answer.result(timeout_s)
        except concurrent.futures.CancelledError as error:
            raise LabNotRunning(_STOPPED) from error
        except TimeoutError as error:
            if not answer.cancel():
                return answer.result()  # it ended in this very moment, or with a TimeoutError of its own
            raise WaitTimeout(f"No answer within {timeout_s} s.") from error
        except BaseException:
            answer.cancel()
            raise

    def refuse_own_thread(self) -> None:
        """Stop a blocking call that would wait for itself.

        Raises:
            WrongThread: The caller runs on the loop's thread.
        """
        if threading.current_thread() is self._thread:
            raise WrongThread("This call blocks and would stop the event loop; call it from another thread.")

    def _end(self, timeout_s: float) -> None:
        if self._thread is None or self._stop is None:
            return
        self.loop.call_soon_threadsafe(self._stop.set)
        self._loop = self._stop = None
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            raise WaitTimeout(f"The event loop's thread is still busy after {timeout_s} s.")

    def _begin(self, work: Callable[[], Coroutine[Any, Any, T]], answer: concurrent.futures.Future[T]) -> None:
        loop = self.loop

        async def run() -> T:
            return await work()

        def begin() -> None:
            if not answer.cancelled():
                task = loop.create_task(run())
                task.add_done_callback(partial(_hand_over, answer))
                answer.add_done_callback(partial(_cancel_too, loop, task))

        try:
            loop.call_soon_threadsafe(begin)
        except RuntimeError as error:  # closed by another thread since we looked
            raise LabNotRunning(_STOPPED) from error

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._main(ready))

    async def _main(self, ready: threading.Event) -> None:
        # run_until_complete() followed by run_forever() would lose a stop that comes early; an event cannot.
        stop = asyncio.Event()
        self._loop, self._stop = asyncio.get_running_loop(), stop
        ready.set()
        await stop.wait()


def _hand_over(answer: concurrent.futures.Future[T], task: asyncio.Task[T]) -> None:
    if task.cancelled():
        answer.cancel()
    if not answer.set_running_or_notify_cancel():
        return
    error = task.exception()
    if error is None:
        answer.set_result(task.result())
    else:
        answer.set_exception(error)


def _cancel_too(
    loop: asyncio.AbstractEventLoop, task: asyncio.Task[T], answer: concurrent.futures.Future[T]
) -> None:
    if answer.cancelled():
        with suppress(RuntimeError):  # the loop has ended, and the task with it
            loop.call_soon_threadsafe(task.cancel)


shared = LoopThread()
"""The thread that every lab and every client of this process uses."""
