"""Event streams of another origin, read by a program that judges as a browser does."""

from __future__ import annotations

import pytest

from rtlab.experiments.cross_origin_streams import CLIENTS, LISTED, REFLECTED, SILENT, try_cors
from rtlab.findings.cross_site import CorsTry

WITH = {client for client in CLIENTS if "with" in client}
LISTS_PAGE = "this page's origin, with credentials"


@pytest.fixture(scope="module")
def tries() -> tuple[CorsTry, ...]:
    return try_cors(in_browser=False)


def test_every_request_reaches_its_server_whatever_it_allows(tries: tuple[CorsTry, ...]) -> None:
    assert len(tries) == 28
    assert all(each.arrived for each in tries)


def test_the_cookie_goes_with_credentials_and_only_then(tries: tuple[CorsTry, ...]) -> None:
    assert {each.client for each in tries if each.cookie_sent} == WITH
    assert all(each.cookie_sent == (each.client in WITH) for each in tries)


def test_without_credentials_a_star_a_list_and_a_reflection_can_be_read(tries: tuple[CorsTry, ...]) -> None:
    stopped = {each.server for each in tries if each.client not in WITH and not each.readable}
    assert stopped == {SILENT, LISTED}


def test_with_credentials_a_star_is_not_enough(tries: tuple[CorsTry, ...]) -> None:
    readable = {each.server for each in tries if each.client in WITH and each.readable}
    assert readable == {LISTS_PAGE, REFLECTED}
    assert {each.server for each in tries if each.private} == readable
    assert {each.server for each in tries if each.private and each.anyone} == {REFLECTED}


def test_the_request_and_the_answer_on_cors_are_kept(tries: tuple[CorsTry, ...]) -> None:
    last = tries[-1]
    (origin,) = (line for line in last.request.split(b"\r\n") if line.startswith(b"Origin: "))
    value = origin.partition(b": ")[2]
    assert last.allowed == (
        b"Access-Control-Allow-Origin: " + value + b"\r\nAccess-Control-Allow-Credentials: true\r\n"
    )
