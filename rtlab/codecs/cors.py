"""Whether a browser lets a page read what a server of another origin answered.

Spec: Fetch Standard, "CORS check"
"""

from __future__ import annotations

from rtlab.codecs.http1_heads import ResponseHead

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"


def may_read(answer: ResponseHead, origin: str, *, with_credentials: bool) -> bool:
    """Judge an answer as a browser does before it hands it to the page's script.

    Args:
        answer: The head of the answer.
        origin: The page's origin, such as ``"http://127.0.0.1:8888"``.
        with_credentials: Whether the request could carry cookies.

    Returns:
        True if the script may read the answer. With credentials, ``*`` is not enough.

    Spec: Fetch Standard, "CORS check"
    """
    allowed = answer.get_all(ALLOW_ORIGIN)
    if allowed == ["*"] and not with_credentials:
        return True
    return allowed == [origin] and (not with_credentials or answer.get_all(ALLOW_CREDENTIALS) == ["true"])
