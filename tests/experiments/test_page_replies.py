from __future__ import annotations

from rtlab.experiments.page_replies import page_situations
from rtlab.experiments.situations import MORE_SITUATIONS, SITUATIONS


def test_a_page_meets_all_situations_but_the_one_that_would_ask_a_name_server() -> None:
    met = page_situations("direct")
    assert {each.name for each in (*SITUATIONS, *MORE_SITUATIONS)} - {each.name for each in met} == {"unknown name"}


def test_through_the_proxy_it_meets_what_that_passes_on() -> None:
    names = {each.name for each in page_situations("proxy")}
    assert {"opens, then ends", "204 No Content", "503 Service Unavailable", "200, empty"} <= names
    assert not names & {"opens, then is reset", "301 Moved Permanently", "untrusted certificate", "unknown name"}
