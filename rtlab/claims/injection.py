"""Experiments for the claims on what the protocols themselves let through: C50 and C53."""

from __future__ import annotations

from rtlab.claims.evidence import Evidence, Experiment
from rtlab.experiments import attack_masking
from rtlab.experiments.attack_compression import guess_secrets
from rtlab.experiments.attack_exhaustion import attempts
from rtlab.experiments.attack_injection import inject
from rtlab.experiments.attack_tokens import look_for_leaks
from rtlab.experiments.exhaustion_cases import CASES
from rtlab.experiments.token_ways import COOKIE, HEADER, URL
from rtlab.servers.lab import Lab

(_BOMB,) = (case for case in CASES if case.attack == "a decompression bomb")


def more_than_http(lab: Lab) -> Evidence:
    """C50: write events into a careless server's stream, and look for a token that had to go into an address."""
    tried = [attempt for attempt, stream in inject() if stream]
    careless = sum(attempt.succeeded for attempt in tried if attempt.target == "naive")
    guarded = sum(attempt.succeeded for attempt in tried if attempt.target != "naive")
    leaks = [leak for leak in look_for_leaks() if leak.transport == "sse"]
    in_url = sum(leak.usable for leak in leaks if leak.way == URL)
    elsewhere = sum(leak.usable for leak in leaks if leak.way in (HEADER, COOKIE))
    more = bool(careless or in_url > elsewhere)
    return Evidence(
        "C50",
        "wrong" if guarded else "imprecise" if more else "holds",
        f"{careless} ways to write into a careless server's stream succeeded, {guarded} against an encoder that "
        f"splits lines and refuses them in names. An EventSource shows a token in its address or a cookie: from "
        f"the address it came to {in_url} places where it could be used again, from a header or a cookie to "
        f"{elsewhere}.",
        {
            "injections": careless,
            "injections with guard": guarded,
            "leaks of a URL": in_url,
            "of headers": elsewhere,
        },
    )


def holes_of_the_protocol(lab: Lab) -> Evidence:
    """C53: read a secret by sizes of compressed messages, send a bomb, and poison a cache without a mask."""
    sizes = guess_secrets(2)
    naive = [each.found == each.secret for each in sizes if each.attempt.target == "naive"]
    mended = [each.found == each.secret for each in sizes if each.attempt.target != "naive"]
    bomb = {attempt.target: attempt.succeeded for attempt in attempts(cases=[_BOMB])}
    cache = {attempt.target: attempt.succeeded for attempt in attack_masking.attempts()}
    return Evidence(
        "C53",
        "wrong" if any(naive) or bomb["naive"] else "holds",
        f"With compression the sizes of messages told {sum(naive)} of {len(naive)} secrets through TLS, without it "
        f"or with a fresh context {sum(mended)} of {len(mended)}. A small message that inflates to a large one was "
        f"{_taken(bomb['naive'])} without a limit, and {_taken(bomb['fixed'])} with one. A frame without a mask "
        f"{_effect(cache['naive'])} a cache that knows no WebSocket, a masked one {_effect(cache['fixed'])} it.",
        {
            "secrets told": sum(naive),
            "secrets told after the fix": sum(mended),
            "bombs taken without a limit": int(bomb["naive"]),
            "bombs taken with a limit": int(bomb["fixed"]),
            "caches poisoned without a mask": int(cache["naive"]),
            "caches poisoned with a mask": int(cache["fixed"]),
            "caches poisoned through the lab": int(cache["default lab"]),
        },
    )


def _taken(succeeded: bool) -> str:
    return "taken" if succeeded else "refused"


def _effect(poisoned: bool) -> str:
    return "poisoned" if poisoned else "did not poison"


EXPERIMENTS: dict[str, Experiment] = {"C50": more_than_http, "C53": holes_of_the_protocol}
