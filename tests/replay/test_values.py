"""Whatever is written down comes back as it was."""

import json
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.clients.client import Received
from rtlab.errors import ConnectionEnded, InputError, RecordingError, RemoteProtocolError, WaitTimeout
from rtlab.records import Run, WireChunk
from rtlab.replay.tape import shipped
from rtlab.replay.values import class_at, decode, encode
from rtlab.results.protocol import Passages

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.builds(Received, st.text(), st.integers())
    | st.builds(WireChunk, st.integers(), st.integers(), st.sampled_from(("up", "down")), st.binary())
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.tuples(st.integers(), st.booleans()), inner)
    ),
    max_leaves=20,
)


def again(value):
    return decode(json.loads(json.dumps(encode(value), allow_nan=False)))


@given(VALUES)
def test_plain_values_and_records_come_back_with_their_types(value):
    found = again(value)
    assert found == value
    assert repr(found) == repr(value)


@given(st.lists(st.builds(WireChunk, st.integers(), st.integers(), st.sampled_from(("up", "down")), st.binary())))
def test_rows_of_one_kind_come_back_in_order(chunks):
    assert again(chunks) == chunks
    assert again(tuple(chunks)) == tuple(chunks)


@given(st.frozensets(st.text() | st.integers()))
def test_a_set_comes_back_and_is_written_in_one_order(value):
    assert again(value) == value
    assert encode(frozenset(sorted(value, key=repr))) == encode(value)


def test_what_is_not_finite_comes_back():
    found = again([float("nan"), float("inf"), -float("inf")])
    assert str(found) == "[nan, inf, -inf]"


def test_numbers_of_numpy_come_back_as_plain_numbers():
    assert again([np.int64(3), np.float32(0.5), np.bool_(True)]) == [3, 0.5, True]
    array = np.arange(6.0).reshape(2, 3)
    assert np.array_equal(again(array), array)


def test_a_mapping_that_cannot_be_changed_comes_back_as_a_dictionary():
    assert again(MappingProxyType({"a": 1})) == {"a": 1}


def test_a_table_comes_back_with_its_column_types():
    table = pd.DataFrame(
        {
            "count": pd.array([1, None], dtype="Int64"),
            "time_ms": [0.5, float("nan")],
            "name": pd.array(["a", None], dtype="string"),
            "kind": pd.Categorical(["b", "a"], categories=["a", "b", "c"], ordered=True),
        }
    )
    pd.testing.assert_frame_equal(again(table), table)


def test_a_table_with_names_for_its_rows_is_refused_rather_than_robbed_of_them():
    with pytest.raises(InputError, match="DataFrame"):
        encode(pd.DataFrame({"a": [1]}, index=["row"]))


def test_a_figure_comes_back():
    figure = go.Figure(go.Scatter(x=[1, 2], y=np.array([3.0, 4.0])), layout={"title": {"text": "A"}})
    found, expected = (json.loads(each.to_json()) for each in (again(figure), figure))
    assert found["data"] == expected["data"]
    assert found["layout"]["title"] == expected["layout"]["title"]


@pytest.mark.parametrize(
    "error",
    [
        WaitTimeout("Nothing came."),
        ConnectionEnded("Over.", close_code=1006, reason="gone"),
        RemoteProtocolError("Wrong.", close_code=1002, spec="RFC 6455 5.1"),
        StopIteration(),
    ],
)
def test_an_error_comes_back_with_all_that_it_carries(error):
    found = again(error)
    assert type(found) is type(error)
    assert found.args == error.args
    assert vars(found) == vars(error)


def test_a_finding_comes_back_as_its_class_and_computes_its_table_anew():
    assert again(Passages([])).text == Passages([]).text


def test_what_cannot_be_written_down_is_refused():
    for thing in (object(), open, iter(()), [object()]):
        with pytest.raises(InputError, match="cannot be written down"):
            encode(thing)


def test_a_record_of_somebody_else_is_refused():
    @dataclass
    class Strange:
        number: int

    with pytest.raises(InputError, match="Strange"):
        encode(Strange(1))


def test_what_does_something_is_told_to_the_caller():
    thing = object()
    assert encode((1, thing), lambda found: {"live": found is thing}) == {"tuple": [1, {"live": True}]}
    assert decode({"tuple": [1, {"live": True}]}, lambda written: written) == (1, {"live": True})


@pytest.mark.parametrize(
    "path", ["os:system", "builtins:eval", "builtins:dict", "rtlab.clock:now_ns", "rtlab.none:Run"]
)
def test_only_records_of_rtlab_and_errors_are_made(path):
    with pytest.raises(RecordingError, match="A recording names"):
        class_at(path)
    assert class_at("rtlab.records:Run") is Run


class Kept:
    def __init__(self, written):
        self.written = written


def test_every_shipped_outcome_can_be_read_and_written_again():
    outcomes = [
        outcome
        for tape in shipped()
        for cell in tape.cells.values()
        for asked in cell.values()
        for outcome in asked
    ]
    assert len(outcomes) > 100
    for outcome in outcomes:
        written = outcome["raises"] if "raises" in outcome else outcome["gives"]
        assert encode(decode(written, Kept), lambda kept: kept.written) == written
