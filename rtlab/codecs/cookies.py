"""What a browser keeps of ``Set-Cookie``, and when a page's request carries the cookie.

Spec: RFC 6265, and its revision (RFC 6265bis) for ``SameSite``
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from rtlab.errors import RemoteProtocolError

_SAME_SITE = {"lax": "Lax", "strict": "Strict", "none": "None"}


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie with the attributes that rule requests across sites.

    Attributes:
        name: Its name.
        value: Its value.
        same_site: ``"Lax"``, ``"Strict"`` or ``"None"``; empty if the server did not say.
        secure: True if it travels over trustworthy connections only.
    """

    name: str
    value: str
    same_site: str = ""
    secure: bool = False

    @classmethod
    def parse(cls, set_cookie: str) -> Self:
        """Read the value of a ``Set-Cookie`` field.

        Args:
            set_cookie: The value, such as ``"id=7; Secure; SameSite=None"``.

        Raises:
            RemoteProtocolError: It names no cookie.

        Spec: RFC 6265 5.2
        """
        first, *attributes = (part.strip() for part in set_cookie.split(";"))
        name, sign, value = first.partition("=")
        if not sign or not name.strip():
            raise RemoteProtocolError("A cookie needs a name and a value.", spec="RFC 6265 5.2")
        given = {
            key.strip().lower(): text.strip().lower() for key, _, text in (a.partition("=") for a in attributes)
        }
        same_site = _SAME_SITE.get(given.get("samesite", ""), "")
        return cls(name.strip(), value.strip(), same_site, "secure" in given)

    def goes_along(self, *, same_site: bool, third_party: bool = True) -> bool:
        """Tell whether a request that a page's script makes carries it, if it may carry cookies at all.

        Args:
            same_site: Whether the page is of the server's own site. Ports do not matter, and names do:
                ``localhost`` and ``127.0.0.1`` are two sites.
            third_party: Whether the browser's user allows third-party cookies.

        Returns:
            True if it goes along. A cookie without ``SameSite`` counts as ``Lax``, as in Chromium since version 80;
            Firefox and Safari send it to all.

        Spec: RFC 6265bis, "SameSite" cookies
        """
        return same_site or (third_party and self.same_site == "None" and self.secure)
