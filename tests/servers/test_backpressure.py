import pytest

from rtlab.codecs.websocket_frames import TEXT
from rtlab.errors import InputError, WaitTimeout
from rtlab.servers.backpressure import POLICIES, Backpressure
from rtlab.servers.lab import start_lab

BOUND_BYTES = 65_536


@pytest.mark.parametrize("settings", [{"policy": "hope"}, {"max_bytes": 1_023}])
def test_a_setting_that_cannot_work_is_refused(settings):
    with pytest.raises(InputError, match="policy is one of wait"):
        Backpressure(**settings)


def test_a_lab_takes_a_policy_by_its_name_and_refuses_another(unique_name):
    with pytest.raises(InputError, match="policy is one of wait"):
        start_lab(unique_name, backpressure="hope")
    with start_lab(unique_name, backpressure="latest") as lab:
        assert start_lab(unique_name, backpressure=Backpressure("latest")) is lab


@pytest.mark.parametrize(
    "isolated",
    [pytest.param(False, id="in the kernel"), pytest.param(True, id="isolated", marks=pytest.mark.measuring)],
)
@pytest.mark.parametrize("path", ["/sse/news", "/ws/news"])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_reader_that_stops_is_bounded_in_bytes(make_lab, raw, path, policy, isolated):
    lab = make_lab(backpressure=Backpressure(policy, BOUND_BYTES), isolated=isolated)
    client = raw(lab, receive_buffer_bytes=4_096)
    if path.startswith("/ws"):
        client.open_websocket(path)
    else:
        client.open_stream(path)
    text, sent, most = "x" * 40_000, 0, 0
    while sent < 400:
        try:
            lab.publish(text, timeout_s=0.3 if policy == "wait" else 30)
        except WaitTimeout:
            assert policy == "wait"
            break
        sent += 1
        if not (there := lab.connections):
            assert policy == "disconnect"
            break
        most = max(most, there[0].buffered_bytes)
    assert most <= BOUND_BYTES + 40_100
    assert (sent < 400) == (policy in ("wait", "disconnect"))


@pytest.mark.parametrize("policy", ["latest", "drop_oldest"])
def test_a_reader_that_comes_back_has_the_newest_and_a_gap(make_lab, raw, policy):
    lab = make_lab(backpressure=Backpressure(policy, 10_000))
    client = raw(lab, receive_buffer_bytes=4_096).open_websocket("/ws/news")
    for number in range(400):
        lab.publish(f"{number} {'x' * 40_000}")
    numbers = []
    while not numbers or numbers[-1] < 399:
        frame = client.frame()
        if frame.opcode == TEXT:
            numbers.append(int(frame.payload.split()[0]))
    assert numbers == sorted(set(numbers))
    assert len(numbers) < 400


def test_under_wait_a_websocket_that_publishes_is_not_read_until_there_is_room(make_lab, raw, until):
    lab = make_lab(backpressure=Backpressure("wait", 10_000))
    reader = raw(lab, receive_buffer_bytes=4_096).open_websocket("/ws/news")
    writer = raw(lab, receive_buffer_bytes=1_048_576).open_websocket("/ws/news")
    writer.sock.settimeout(2.0)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 2_000:
            writer.send_text("x" * 20_000)
            assert len(writer.frame().payload) == 20_000
            sent += 1
    assert 0 < sent < 2_000
    buffered = [connection.buffered_bytes for connection in lab.connections]
    assert max(buffered) < 10_000 + 2 * 65_536
    for _ in range(sent):
        assert len(reader.frame().payload) == 20_000


def test_under_wait_a_post_is_told_that_nobody_reads(make_lab, raw, monkeypatch):
    monkeypatch.setattr("rtlab.servers.polling.ROOM_TIMEOUT_S", 0.05)
    lab = make_lab(backpressure=Backpressure("wait", 10_000))
    raw(lab, receive_buffer_bytes=4_096).open_stream()
    statuses = []
    while not statuses or (statuses[-1] == 200 and len(statuses) < 1_000):
        client = raw(lab)
        client.post("/publish/news", b"x" * 100_000)
        status, fields, _ = client.answer()
        statuses.append(status)
    assert statuses[-1] == 503
    assert fields["retry-after"] == "1"


def test_under_wait_an_isolated_lab_tells_its_publisher_that_nobody_reads(make_lab, raw):
    lab = make_lab(backpressure=Backpressure("wait", 10_000), isolated=True)
    raw(lab, receive_buffer_bytes=4_096).open_stream()
    with pytest.raises(WaitTimeout, match="read nothing"):
        for _ in range(1_000):
            lab.publish("x" * 100_000, timeout_s=20)
