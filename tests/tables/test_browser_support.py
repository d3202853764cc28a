from __future__ import annotations

import json
import re
from typing import Any

import pandas as pd
import pytest

from rtlab.resources import data_path
from rtlab.tables.browser_support import browser_support_table

PUBLISHED: dict[str, Any] = json.loads(data_path("browsers", "support.json").read_text(encoding="utf-8"))
BROWSERS = ["Chrome", "Edge", "Firefox", "Safari", "Safari on iOS", "Chrome on Android"]
FEATURES = [
    "EventSource",
    "EventSource in workers",
    "WebSocket",
    "WebSocketStream",
    "WebTransport",
    "fetch with a stream reader",
    "WebSocket over HTTP/2",
    "permessage-deflate",
    "Local Network Access prompt",
    "Local Network Access for WebSocket",
]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return browser_support_table(PUBLISHED)


def test_every_feature_has_a_row_for_every_browser(table: pd.DataFrame) -> None:
    assert list(zip(table["feature"], table["browser"], strict=True)) == [
        (f, b) for f in FEATURES for b in BROWSERS
    ]


def test_whatever_is_said_has_a_source_that_can_be_found(table: pd.DataFrame) -> None:
    said = table[table["supported"].notna()]
    assert len(said) > 40
    assert said["source"].str.len().min() > 0
    assert said["url"].str.startswith("https://").all()
    assert set(said["read_on"]) == {PUBLISHED["read"]}


def test_what_nobody_says_stays_missing(table: pd.DataFrame) -> None:
    unsaid = table[table["supported"].isna()]
    assert unsaid["since"].isna().all()
    assert (unsaid["source"] == "").all()
    assert {"WebSocket over HTTP/2", "permessage-deflate"} == set(unsaid["feature"])


def test_a_version_stands_exactly_where_the_feature_is_there(table: pd.DataFrame) -> None:
    there = table["supported"].fillna(False)
    assert (table["since"].notna() == there).all()
    assert all(re.fullmatch(r"\d+(\.\d+)?", version) for version in table["since"].dropna())


def test_only_one_engine_has_the_streaming_websocket(table: pd.DataFrame) -> None:
    rows = table[table["feature"] == "WebSocketStream"].set_index("browser")
    assert list(rows.index[rows["supported"]]) == ["Chrome", "Edge", "Chrome on Android"]
    assert rows.loc["Chrome", "since"] == "124"


def test_each_browser_is_known_and_each_source_is_used_once_a_cell() -> None:
    for feature in PUBLISHED["features"]:
        named = [browser for each in feature["known"] for browser in each["since"]]
        assert len(set(named)) == len(named)
        assert set(named) <= set(BROWSERS)
        assert {each["source"] for each in feature["known"]} <= PUBLISHED["sources"].keys()


def test_the_note_is_a_sentence_or_nothing() -> None:
    for feature in PUBLISHED["features"]:
        assert feature["note"] == "" or feature["note"].endswith(".")
