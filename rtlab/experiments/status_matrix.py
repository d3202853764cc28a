"""What does each client do when the server refuses, redirects, breaks off, or cannot be reached?

Each client meets each situation at a server of its own, all situations at once. It is watched until it has done
something in each of them, and a little longer; then it is stopped.
"""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from rtlab import clock
from rtlab.errors import InputError
from rtlab.experiments.situations import MORE_SITUATIONS, SITUATIONS, Situation
from rtlab.experiments.status_clients import SUBJECTS, Subject
from rtlab.experiments.status_trials import Trial, end_trials, judge, prepare_trials
from rtlab.findings.reconnection import StatusCell
from rtlab.loop_thread import shared

PATIENCE_S = 8.0
"""How long a client may do nothing: longer than the second that ``Retry-After`` asks for, and than a slow start."""
LONGER_S = 0.6
"""How long all are watched on; some reconnection times of 50 ms."""
_LOOK_S = 0.02
_CALL_S = 60.0


def watch_clients(
    clients: Sequence[str] | None = None,
    situations: Sequence[str] | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
) -> tuple[StatusCell, ...]:
    """Put clients into each situation and note what they do.

    Args:
        clients: Names of :data:`SUBJECTS`; None for all that are installed.
        situations: Names of :data:`SITUATIONS`, and of :data:`MORE_SITUATIONS`; None for all of the first.
        progress: Called with clients done, clients in all and what is on.

    Returns:
        One for each client and situation, client by client.

    Raises:
        InputError: There is no such client or situation, or a client is not installed.
    """
    subjects = _chosen_subjects(clients)
    chosen = _chosen_situations(situations)
    tell = progress or (lambda done, total, text: None)
    found: list[StatusCell] = []
    for done, subject in enumerate(subjects):
        tell(done, len(subjects), subject.name)
        found += shared.call(lambda subject=subject: _watch(subject, chosen), _CALL_S)  # type: ignore[misc]
    tell(len(subjects), len(subjects), "done")
    return tuple(found)


def _chosen_subjects(names: Sequence[str] | None) -> tuple[Subject, ...]:
    known = {subject.name: subject for subject in SUBJECTS}
    _require("client", names, known)
    for name in names or ():
        if not known[name].installed:
            raise InputError(f"{name} is not installed: pip install 'rtlab[league]'.")
    return tuple(each for each in SUBJECTS if (each.installed if names is None else each.name in names))


def _chosen_situations(names: Sequence[str] | None) -> tuple[Situation, ...]:
    if names is None:
        return SITUATIONS
    known = (*SITUATIONS, *MORE_SITUATIONS)
    _require("situation", names, [situation.name for situation in known])
    return tuple(each for each in known if each.name in names)


def _require(what: str, names: Sequence[str] | None, known: Iterable[str]) -> None:
    if names is None:
        return
    if not names or isinstance(names, str):
        raise InputError(f"{what}s: a list of some of {', '.join(map(repr, known))}; not {names!r}.")
    for name in names:
        if name not in known:
            raise InputError(f"There is no {what} {name!r} here; there are {', '.join(map(repr, known))}.")


async def _watch(subject: Subject, situations: Sequence[Situation]) -> list[StatusCell]:
    trials = await prepare_trials(subject.protocol, situations)
    pool = ThreadPoolExecutor(len(trials), "rtlab status matrix")
    uses: list[asyncio.Task[None]] = []
    with unknown_names() as looked_up:
        try:
            for trial in trials:
                trial.looked_up_ns = looked_up[trial.host]
            uses = [asyncio.create_task(_use(subject, trial, pool)) for trial in trials]
            await _until_settled(trials)
            return [judge(trial, subject.name) for trial in trials]
        finally:
            for use in uses if not subject.blocks else ():
                use.cancel()
            await end_trials(trials)  # whoever blocks sees its line break, and nobody there any more
            await asyncio.gather(*uses, return_exceptions=True)
            pool.shutdown()


async def _until_settled(trials: Sequence[Trial]) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while not all(trial.settled for trial in trials):
                await asyncio.sleep(_LOOK_S)
    await asyncio.sleep(LONGER_S)


async def _use(subject: Subject, trial: Trial, pool: ThreadPoolExecutor) -> None:
    use: Any = subject.use
    try:
        if subject.blocks:
            await asyncio.get_running_loop().run_in_executor(pool, use, trial.url, trial.got.append)
        else:
            await use(trial.url, trial.got.append)
        trial.state = "ended"
    except Exception as error:  # each library has errors of its own, and their names are what is asked
        trial.state, trial.error = "closed", type(error).__name__


@contextmanager
def unknown_names() -> Iterator[defaultdict[str, list[int]]]:
    """Answer look-ups of names below ``.invalid`` here and at once, as a resolver should: there are none.

    The name servers of this machine are not asked, so nothing leaves it, and every look-up is seen.

    Yields:
        When each name was looked up.

    Spec: RFC 6761 6.4
    """
    looked_up: defaultdict[str, list[int]] = defaultdict(list)
    resolve = socket.getaddrinfo

    def look_up(host: Any, *args: Any, **settings: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else str(host)
        if not name.endswith(".invalid"):
            return resolve(host, *args, **settings)
        looked_up[name].append(clock.now_ns())
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    socket.getaddrinfo = look_up
    try:
        yield looked_up
    finally:
        socket.getaddrinfo = resolve
