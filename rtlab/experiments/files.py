"""What does it take to send files: as binary WebSocket messages, and as base64 in an event stream?

The sender and the receiver are processes of their own. The sender is a bare socket with our codecs; the receiver is
rtlab's own client with its usual limits.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence

from rtlab.clients.websocket import WebSocket
from rtlab.errors import ConnectionEnded, InputError, LabError, WaitTimeout
from rtlab.experiments.cases import Progress
from rtlab.experiments.file_receiver import receive
from rtlab.experiments.loads import MAX_NOISE_BYTES
from rtlab.experiments.saturated import process
from rtlab.findings.performance import FileTransfer, SizeLimit
from rtlab.servers.lab import Lab

SIZES_BYTES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000, 20_000_000)
_TIMEOUT_S = 120.0
_SENDER = (sys.executable, "-m", "rtlab.experiments.file_sender")
_RECEIVER = (sys.executable, "-m", "rtlab.experiments.file_receiver")


def transfer_files(
    sizes_bytes: Sequence[int] = SIZES_BYTES, *, repeats: int = 3, progress: Progress | None = None
) -> tuple[FileTransfer, ...]:
    """Send files of each size over both ways, in turns.

    Args:
        sizes_bytes: The sizes, each from 1 to 67,108,864.
        repeats: How often each is timed, 1 to 20; once more for the bytes, and once for the memory.
        progress: Called with sizes done, sizes in all and what is on.

    Returns:
        One for each size and way.

    Raises:
        InputError: A setting is out of its range.
        LabError: A process could not do its part.
        WaitTimeout: The receiver did not end in time.
    """
    if not sizes_bytes or not all(1 <= size <= MAX_NOISE_BYTES for size in sizes_bytes) or not 1 <= repeats <= 20:
        raise InputError(f"sizes_bytes: at least one, each 1 to {MAX_NOISE_BYTES:,}; repeats: 1 to 20.")
    found: list[FileTransfer] = []
    with process(_SENDER) as (line, _):
        for done, size in enumerate(sizes_bytes):
            if progress:
                progress(done, len(sizes_bytes), f"{size:,} B")
            order = {**json.loads(line), "sizes_bytes": [size], "repeats": repeats}
            try:
                ended = subprocess.run(
                    _RECEIVER, input=json.dumps(order) + "\n", capture_output=True, text=True, timeout=_TIMEOUT_S
                )
            except subprocess.TimeoutExpired as error:
                raise WaitTimeout(f"The receiver of files did not end within {_TIMEOUT_S:g} s.") from error
            if ended.returncode:
                raise LabError(f"The receiver of files failed: {ended.stderr.strip()[-500:]}")
            rows = [json.loads(row) for row in ended.stdout.splitlines()]
            found += [FileTransfer(**{**row, "mb_per_s": tuple(row["mb_per_s"])}) for row in rows]
    return tuple(found)


def size_limits(lab: Lab) -> tuple[SizeLimit, ...]:
    """Find the largest WebSocket message that each end accepts, to the byte.

    Args:
        lab: The running lab, whose limit is sought; the other one is that of rtlab's own client.

    Returns:
        One for the server and one for the client, each with the close code for one byte more.

    Raises:
        LabError: An end accepts 64 MiB, so that no limit was found.
    """

    def up(size_bytes: int) -> int | None:
        with WebSocket(lab.echo_url(), ca_pem=lab.ca_pem, max_message_bytes=MAX_NOISE_BYTES) as socket:
            try:
                socket.send(bytes(size_bytes), _TIMEOUT_S)
                socket.receive(_TIMEOUT_S)
            except ConnectionEnded as error:
                return error.close_code
        return None

    with process(_SENDER) as (line, _):
        url = json.loads(line)["websocket"]

        def down(size_bytes: int) -> int | None:
            try:
                receive("websocket", url, size_bytes)
            except ConnectionEnded as error:
                return error.close_code
            return None

        return _limit("server", up), _limit("client", down)


def _limit(end: str, refusal: Callable[[int], int | None]) -> SizeLimit:
    """Double the size until it is refused, then halve the gap; limits that are powers of two are found at once."""
    fits, size, code = 0, 65_536, None
    while (code := refusal(size)) is None:
        fits, size = size, 2 * size
        if size > MAX_NOISE_BYTES:
            raise LabError(f"The {end} accepts messages of {MAX_NOISE_BYTES:,} bytes.")
    if refused := refusal(fits + 1):
        return SizeLimit(end, fits, refused)
    while size - fits > 1:
        middle = (fits + size) // 2
        refused = refusal(middle)
        if refused is None:
            fits = middle
        else:
            size, code = middle, refused
    return SizeLimit(end, fits, code)
