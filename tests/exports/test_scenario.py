from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.exports.scenario import Scenario, stamped_payload

URL = "http://127.0.0.1:8000/sse/news"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sse_url": ""},
        {"sse_url": "ftp://a/"},
        {"sse_url": "ws://a/"},
        {"ws_url": "http://a/"},
        {"sse_url": "http:///nowhere"},
        {"sse_url": "http://a:99999/"},
        {"connections": 0},
        {"connections": True},
        {"messages": 0},
        {"rate_per_s": 0.0},
        {"rate_per_s": float("nan")},
        {"payload_bytes": 47},
        {"patience_s": 0.0},
        {"p95_limit_ms": 0.0},
    ],
)
def test_a_setting_out_of_its_range_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Scenario(**{"sse_url": URL, **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", ['"', "'", "`", "\\", "<", "{", "$", "\n", " ", "é"])
def test_no_sign_that_could_leave_a_script_s_string_may_stand_in_an_address(sign: str) -> None:
    with pytest.raises(InputError, match="must be an address"):
        Scenario(f"{URL}{sign}x")


def test_a_connection_may_last_as_long_as_its_schedule_and_some_patience() -> None:
    work = Scenario(URL, connections=3, messages=40, rate_per_s=20.0, patience_s=1.5)
    assert work.seconds == 4
    assert work.expected == 120


@given(
    st.integers(0, 10**18),
    st.floats(1e12, 2e12, allow_nan=False),
    st.integers(0, 99_999),
    st.integers(48, 2_000),
)
def test_a_payload_has_its_size_and_both_times(due_ns: int, due_ms: float, number: int, size_bytes: int) -> None:
    text = stamped_payload(due_ns, due_ms, number, size_bytes)
    assert len(text.encode()) == size_bytes
    assert int(text[:20]) == due_ns
    found = re.search(r"@(\d+(?:\.\d+)?)", text)
    assert found is not None
    assert float(found[1]) == pytest.approx(due_ms, abs=0.001)
