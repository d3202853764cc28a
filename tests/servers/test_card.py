from html.parser import HTMLParser

from rtlab.servers.card import lab_card
from rtlab.servers.log import LogLine
from rtlab.servers.peers import OpenConnection


class Text(HTMLParser):
    """Collects tags and text, and checks that every tag is closed."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text, self._open = [], "", []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_card_of_a_running_lab_shows_addresses_connections_and_log(lab, raw, until):
    raw(lab).open_stream()
    until(lambda: lab.connections)
    card = Text(lab._repr_html_())
    for shown in (
        lab.name,
        "running",
        lab.sse_url(),
        lab.ws_url(),
        lab.echo_url(),
        lab.publish_url(),
        "sse",
        "opened",
    ):
        assert shown in card.text


def test_the_card_of_a_stopped_lab_shows_no_address(lab):
    lab.stop()
    card = Text(lab._repr_html_())
    assert "stopped" in card.text
    assert "http" not in card.text
    assert "table" not in card.tags


def test_a_lab_without_connections_says_so(lab):
    assert "Open connections: none" in Text(lab._repr_html_()).text


def test_what_came_over_the_network_cannot_become_html(make_lab, raw):
    lab = make_lab()
    evil = "<script>alert(1)</script>&<b>"
    connection = OpenConnection(evil, evil, 1.0, 2, 3, 4)
    card = Text(lab_card(lab, [connection], [LogLine(0, "info", evil)]))
    assert not {"script", "b"} & set(card.tags)
    assert card.text.count(evil) == 3


def test_a_close_reason_of_a_client_cannot_become_html(lab, raw, until):
    client = raw(lab).open_websocket()
    client.send_frame(8, (1000).to_bytes(2) + b"<img src=x onerror=alert(1)>")
    assert client.read_to_end()
    until(lambda: any("onerror" in line.text for line in lab.log))
    assert "img" not in Text(lab._repr_html_()).tags


def test_the_name_of_the_lab_cannot_become_html():
    from rtlab.servers.lab import start_lab

    with start_lab("<i>name</i>") as lab:
        card = Text(lab._repr_html_())
    assert "<i>name</i>" in card.text
    assert "i" not in card.tags


def test_only_the_last_log_lines_are_shown(lab):
    lines = [LogLine(0, "info", f"line {number}") for number in range(20)]
    card = Text(lab_card(lab, [], lines))
    assert "line 19" in card.text
    assert "line 11" not in card.text


def test_the_card_of_a_lab_with_tls_tells_what_trust_means(lab, make_lab):
    card = Text(make_lab(http2=True)._repr_html_())
    assert "throw-away authority" in card.text
    assert "curl --cacert" in card.text
    assert "Never switch off" in card.text
    assert "authority" not in Text(lab._repr_html_()).text
