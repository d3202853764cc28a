"""Compressed messages: what ``permessage-deflate`` does with the payload of each message, in both directions.

::

    message          Hello
    deflated         f2 48 cd c9 c9 07 00 00 00 ff ff      the last four bytes are the same for every message,
    payload          f2 48 cd c9 c9 07 00                  so they stay at home

Whoever compresses may refer back to what it sent before, as far as the window reaches: its *context*. That makes
short messages that are alike very small. Without it each message stands alone.

Spec: RFC 7692 7.2; RFC 1951 for the format of the compressed bytes
"""

from __future__ import annotations

import zlib

from rtlab.errors import RemoteProtocolError

MAX_FINAL_BLOCKS = 1_000
"""How often the compressed data of a message may end and begin anew; each time costs more than its few bytes."""

# The four bytes that the sender left out, then a final empty block: the message becomes a whole deflate stream, and
# a message that stops inside a block is noticed.
_TAIL = b"\x00\x00\xff\xff" + b"\x01\x00\x00\xff\xff"


class Deflater:
    """Compresses the messages of one connection.

    Args:
        window_bits: How far back it may refer: 2 to the power of 8 to 15, in bytes.
        keeps_context: Whether a message may refer to the ones before. Without, the messages do not depend on each
            other, and one deflater may serve many connections.
        level: How hard to try, from 1 (quick) to 9 (small).
        memory_level: How much memory to use, from 1 to 9.
    """

    __slots__ = ("_keeps_context", "_level", "_memory_level", "_stream", "_window_bits")

    def __init__(self, window_bits: int, *, keeps_context: bool, level: int, memory_level: int) -> None:
        self._window_bits = window_bits
        self._keeps_context = keeps_context
        self._level = level
        self._memory_level = memory_level
        self._stream: zlib._Compress | None = None  # made when it is needed: it is large

    def deflate(self, piece: bytes, *, is_last: bool = True) -> bytes:
        """Compress a message, or the next fragment of one.

        Args:
            piece: The payload.
            is_last: Whether the message ends with it.

        Returns:
            The payload to send, whole bytes that the peer can restore without waiting for more.

        Spec: RFC 7692 7.2.1
        """
        if self._stream is None:
            self._stream = self._new_stream()
        deflated = self._stream.compress(piece) + self._stream.flush(zlib.Z_SYNC_FLUSH)
        if not is_last:
            return deflated
        if not self._keeps_context:
            self._stream = None
        return deflated[:-4]

    def _new_stream(self) -> zlib._Compress:
        # zlib writes no raw stream with a window of 2**8 bytes. With one of 2**9 and nothing but runs it keeps well
        # inside: a run refers one byte back.
        strategy = zlib.Z_RLE if self._window_bits == 8 else zlib.Z_DEFAULT_STRATEGY
        bits = -max(self._window_bits, 9)  # negative: without the header and the checksum of zlib's own format
        return zlib.compressobj(self._level, zlib.DEFLATED, bits, self._memory_level, strategy)


class Inflater:
    """Restores the compressed messages of one peer.

    Each message is inflated as a stream of its own that knows the window before it. So the peer may end its stream
    inside a message (RFC 7692 7.2.3.4) and go on, and between messages only the window is kept.

    Args:
        window_bits: How far back the peer may refer: 2 to the power of 8 to 15, in bytes.
        keeps_context: Whether a message may refer to the ones before.
    """

    __slots__ = ("_final_blocks", "_keeps_context", "_stream", "_window", "_window_bits")

    def __init__(self, window_bits: int, *, keeps_context: bool) -> None:
        self._window_bits = window_bits
        self._keeps_context = keeps_context
        self._window = b""
        self._stream: zlib._Decompress | None = None
        self._final_blocks = 0

    def inflate(self, piece: bytes, *, max_bytes: int, is_last: bool) -> bytes:
        """Restore the next part of a message.

        Args:
            piece: Compressed payload, cut anywhere.
            max_bytes: How many bytes to give at most; not more than one byte more is ever inflated.
            is_last: Whether the message ends with this piece.

        Returns:
            All that can be known of the message so far and was not given before.

        Raises:
            RemoteProtocolError: It is no deflate stream or not a whole one (close code 1007); it grows beyond
                ``max_bytes``, or ends and begins anew too often (1009).

        Spec: RFC 7692 7.2.2, 8
        """
        rest = piece + _TAIL if is_last else piece
        inflated = b""
        while rest:
            stream = self._stream or zlib.decompressobj(-self._window_bits, self._window)
            try:
                part = stream.decompress(rest, max_bytes - len(inflated) + 1)
            except zlib.error:
                raise _corrupt() from None
            inflated += part
            if len(inflated) > max_bytes:
                raise _too_long("A compressed message is longer than this side accepts.")
            self._window = (self._window + part)[-(1 << self._window_bits) :]
            rest = stream.unused_data
            self._stream = None if stream.eof else stream
            if stream.eof:
                self._final_blocks += 1
                if self._final_blocks > MAX_FINAL_BLOCKS:
                    raise _too_long(f"A compressed message has at most {MAX_FINAL_BLOCKS} final blocks here.")
        if is_last:
            if self._stream is not None:
                raise _corrupt()
            self._final_blocks = 0
            if not self._keeps_context:
                self._window = b""
        return inflated


def _corrupt() -> RemoteProtocolError:
    return RemoteProtocolError(
        "A compressed message is not a whole deflate stream.", close_code=1007, spec="RFC 7692 7.2.2"
    )


def _too_long(message: str) -> RemoteProtocolError:
    return RemoteProtocolError(message, close_code=1009, spec="RFC 7692 8")
