"""How long may the head of a request be? Tried with one header field that grows.

Spec: RFC 9110 5.4, RFC 6585 5
"""

from __future__ import annotations

from rtlab.codecs.http1 import RequestHead, ResponseHead
from rtlab.errors import WaitTimeout
from rtlab.probes.examination import Examination, replaced

_SIZES_BYTES = (4_096, 16_384, 65_536, 262_144, 1_048_576)
_REFUSED_FROM = 400


async def try_long_heads(examination: Examination, request: RequestHead) -> None:
    """Ask with longer and longer heads until one is refused.

    Args:
        examination: What is under examination.
        request: A request that is answered well.
    """
    taken_bytes = 0
    for size in _SIZES_BYTES:
        examination.trying = f"a head of {size:,} bytes"
        headers = replaced(request.headers, ("X-Rtlab-Probe", "x" * size))
        answer = await examination.try_answer(RequestHead("GET", request.target, headers))
        if isinstance(answer, WaitTimeout):
            break  # whether that is a refusal cannot be told
        if not isinstance(answer, ResponseHead) or answer.status >= _REFUSED_FROM:
            how = f"status {answer.status}" if isinstance(answer, ResponseHead) else str(answer)
            examination.note("HTTP-HEAD-LIMIT", "fine", f"{taken_bytes:,} bytes are taken; {size:,} get: {how}")
            break
        taken_bytes = size
    else:
        examination.note("HTTP-HEAD-LIMIT", "warning", f"one field of {taken_bytes:,} bytes is taken")
    examination.facts["head_taken_bytes"] = taken_bytes
