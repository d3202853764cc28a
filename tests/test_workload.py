import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtlab.errors import InputError
from rtlab.workload import STAMP_BYTES, Workload, read_seq


@st.composite
def workloads(draw):
    count = draw(st.integers(1, 200))
    return Workload(
        rate_per_s=draw(st.floats(0.001, 1_000_000)),
        count=count,
        payload_bytes=draw(st.integers(STAMP_BYTES, 300)),
        arrivals=draw(st.sampled_from(["steady", "random"])),
        burst=draw(st.integers(1, count)),
        seed=draw(st.integers()),
    )


@given(workloads())
def test_the_messages_are_the_same_each_time(workload):
    assert Workload(**workload.settings()).messages() == workload.messages()


@given(workloads())
def test_the_schedule_starts_at_zero_and_never_goes_back(workload):
    times = [message.scheduled_ns for message in workload.messages()]
    assert times[0] == 0
    assert times == sorted(times)
    assert all(isinstance(at_ns, int) for at_ns in times)


@given(workloads())
def test_every_message_of_a_burst_has_the_same_time(workload):
    messages = workload.messages()
    for first in range(0, workload.count, workload.burst):
        assert len({message.scheduled_ns for message in messages[first : first + workload.burst]}) == 1


@given(workloads())
def test_payloads_have_the_size_and_carry_their_number(workload):
    messages = workload.messages()
    assert len(messages) == workload.count
    for seq, message in enumerate(messages):
        assert message.seq == seq == read_seq(message.payload)
        assert len(message.payload) == workload.payload_bytes
        assert message.text.encode() == message.payload


def test_a_steady_schedule_has_equal_gaps_at_its_rate():
    times = [m.scheduled_ns for m in Workload(rate_per_s=3, count=1_000).messages()]
    gaps = {later - sooner for sooner, later in itertools.pairwise(times)}
    assert gaps <= {333_333_333, 333_333_334}
    assert times[999] == pytest.approx(999 / 3 * 1e9, abs=2)


def test_bursts_keep_the_rate():
    times = [m.scheduled_ns for m in Workload(rate_per_s=100, count=30, burst=10).messages()]
    assert sorted(set(times)) == [0, 100_000_000, 200_000_000]


def test_random_arrivals_have_the_rate_on_average_and_differ_by_seed():
    workload = Workload(rate_per_s=50, count=20_000, arrivals="random")
    assert workload.messages()[-1].scheduled_ns / 1e9 == pytest.approx(workload.duration_s, rel=0.05)
    other = Workload(rate_per_s=50, count=20_000, arrivals="random", seed=2)
    assert other.messages() != workload.messages()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate_per_s", 0),
        ("rate_per_s", -1),
        ("rate_per_s", 1_000_001),
        ("rate_per_s", float("nan")),
        ("rate_per_s", float("inf")),
        ("count", 0),
        ("count", 1_000_001),
        ("payload_bytes", 10),
        ("payload_bytes", 1_048_577),
        ("arrivals", "bursty"),
        ("burst", 0),
        ("burst", 101),
    ],
)
def test_a_setting_out_of_its_range_is_refused_by_name(name, value):
    with pytest.raises(InputError, match=f"Workload {name} must be"):
        Workload(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [("rate_per_s", 1_000_000), ("count", 1), ("payload_bytes", 11), ("payload_bytes", 1_048_576), ("burst", 100)],
)
def test_the_ends_of_a_range_are_fine(name, value):
    assert getattr(Workload(**{"count": 100, name: value}), name) == value


@pytest.mark.parametrize("payload", [b"", b"0000000001", b"000000001 x", b"abcdefghij k", "٠٠٠٠٠ ".encode()])
def test_a_payload_of_somebody_else_has_no_number(payload):
    assert read_seq(payload) is None


@given(st.binary(max_size=30))
def test_read_seq_never_fails(payload):
    number = read_seq(payload)
    assert number is None or payload.startswith(f"{number:010d}".encode())


@pytest.mark.parametrize("settings", [{"count": 2.5}, {"payload_bytes": 20.0}, {"burst": 1.0}, {"count": True}])
def test_a_fraction_of_a_message_is_refused(settings):
    with pytest.raises(InputError, match="a whole number"):
        Workload(**settings)


def test_digits_without_the_space_behind_them_are_no_stamp():
    assert read_seq(b"12345678901") is None
