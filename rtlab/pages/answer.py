"""What a page will answer: wait for it in a cell, ``await`` it, or have a function called."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Generator
from typing import Generic, TypeVar

from rtlab.errors import LabNotRunning, WaitTimeout
from rtlab.loop_thread import shared

T = TypeVar("T")

_WITHDRAWN = "The question was withdrawn, or the lab was stopped before the answer came."


class Answer(Generic[T]):
    """An answer that is on its way.

    Args:
        future: What will hold it.
        timeout_s: How long it may take, in seconds.
    """

    def __init__(self, future: concurrent.futures.Future[T], timeout_s: float) -> None:
        self._future = future
        self.timeout_s = timeout_s

    @property
    def done(self) -> bool:
        """True if the answer is there, or will never be."""
        return self._future.done()

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the answer.

        An answer that is there is given at once, so a function that is called back may ask for it, too.

        Args:
            timeout_s: How long to wait, in seconds; None for the time that the question had.

        Raises:
            WaitTimeout: It did not come in time; the question is withdrawn.
            InputError: The page refused, and says why.
            ConnectionEnded: The page went away.
            LabNotRunning: The lab was stopped.
        """
        if not self.done:
            shared.refuse_own_thread()
        wait_s = self.timeout_s if timeout_s is None else timeout_s
        try:
            return self._future.result(wait_s)
        except TimeoutError as error:
            if not self._future.cancel():
                return self._future.result()
            raise WaitTimeout(_late(wait_s)) from error
        except concurrent.futures.CancelledError as error:
            raise LabNotRunning(_WITHDRAWN) from error
        except BaseException:
            self._future.cancel()
            raise

    def __await__(self) -> Generator[object, None, T]:
        return self._wait().__await__()

    async def _wait(self) -> T:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._future), self.timeout_s)
        except WaitTimeout:
            raise  # the question's own, which says more
        except TimeoutError as error:
            raise WaitTimeout(_late(self.timeout_s)) from error

    def add_done_callback(self, call: Callable[[Answer[T]], object]) -> None:
        """Have a function called when the answer is there; it runs on the event loop's thread and must be quick."""
        self._future.add_done_callback(lambda _: call(self))


def _late(wait_s: float) -> str:
    return f"The page did not answer within {wait_s:g} s; is it still open, and in front?"
