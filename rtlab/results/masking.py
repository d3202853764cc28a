"""``security.masking()``: why clients mask their frames."""

from __future__ import annotations

from rtlab.experiments.attack_masking import SITE, attempts
from rtlab.results.attacks import Attacks


class Masking(Attacks):
    """What a cache that knows no WebSocket made of frames with and without a mask."""

    @property
    def text(self) -> str:
        """Whose script the next client got from the cache."""
        plain, masked = (self._succeeded(target) for target in ("naive", "fixed"))
        return (
            f"A frame without a mask {_effect(plain)} the cache: the next client that asked for {SITE}'s script "
            f"got {_whose(plain)}. The same message in a masked frame {_effect(masked)} it, and the next client "
            f"got {_whose(masked)}."
        )

    def _succeeded(self, target: str) -> bool:
        return any(attempt.succeeded for attempt in self.attempts if attempt.target == target)


def masking() -> Masking:
    """Send a message that looks like a request of HTTP through a cache that knows no WebSocket.

    Cache, the attacker's server, the site that is attacked and a lab are on this machine.

    Returns:
        What the next client got from the cache: after a frame without a mask (naive), after a masked one (fixed),
        and after a frame without a mask to a lab.

    Spec: RFC 6455 10.3
    """
    return Masking(attempts())


def _effect(succeeded: bool) -> str:
    return "poisoned" if succeeded else "did not poison"


def _whose(succeeded: bool) -> str:
    return "the attacker's" if succeeded else "the site's own"
