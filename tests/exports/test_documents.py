from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, Draft202012Validator

from rtlab.errors import InputError
from rtlab.exports.asyncapi import asyncapi_document
from rtlab.exports.catalogue import describe, make_catalogue
from rtlab.exports.contract import Contract
from rtlab.exports.openapi import openapi_document
from rtlab.exports.validation import require_valid
from rtlab.findings.documents import Catalogue, Sighting

PRICE = '{"symbol": "ABC", "eur": 12.5, "volume": 3}'
SEEN = (
    Sighting("sse", "my.news", "price", "k3f9-1", PRICE),
    Sighting("sse", "my.news", "price", "k3f9-2", '{"symbol": "ABC", "eur": 13}'),
    Sighting("sse", "my.news", "message", "k3f9-3", "plain words"),
    Sighting("websocket", "my.news", "message", "", PRICE),
    Sighting("websocket", "my.news", "message", "", '{"symbol": "ABC", "eur": 13}'),
    Sighting("websocket", "my.news", "message", "", "plain words"),
)


@pytest.fixture(params=[True, False], ids=["ids", "no ids"])
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    return make_catalogue(SEEN, "http://127.0.0.1:8080", ids=request.param, retry_ms=1000)


@pytest.fixture
def documents(catalogue: Catalogue) -> dict[str, dict[str, Any]]:
    return {"asyncapi": asyncapi_document(catalogue), "openapi": openapi_document(catalogue)}


def test_both_documents_fulfil_the_schemas_of_their_makers(documents: dict[str, dict[str, Any]]) -> None:
    assert require_valid(documents["asyncapi"]) == "AsyncAPI 3.1.0"
    assert require_valid(documents["openapi"]) == "OpenAPI 3.2.0"


def test_a_document_is_plain_json(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        assert json.loads(json.dumps(document)) == document


def test_asyncapi_binds_the_websocket_and_says_what_it_lacks_for_the_stream(
    documents: dict[str, dict[str, Any]],
) -> None:
    channels = documents["asyncapi"]["channels"]
    assert channels["myNewsSocket"]["bindings"]["ws"] == {"method": "GET", "bindingVersion": "0.1.0"}
    assert "bindings" not in channels["myNewsStream"]
    assert "no binding for Server-Sent Events" in channels["myNewsStream"]["x-sse"]["missing"]
    servers = documents["asyncapi"]["servers"]
    assert (servers["streams"]["protocol"], servers["sockets"]["protocol"]) == ("http", "ws")


def test_openapi_describes_each_event_and_of_a_websocket_only_its_opening(
    documents: dict[str, dict[str, Any]],
) -> None:
    paths = documents["openapi"]["paths"]
    media = paths["/sse/my.news"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    assert len(media["itemSchema"]["oneOf"]) == 2
    assert set(paths["/ws/my.news"]["get"]["responses"]) == {"101", "403", "426"}
    assert "cannot be described here" in paths["/echo"]["get"]["description"]


@pytest.mark.parametrize(
    ("kind", "way", "value", "place"),
    [
        (
            "asyncapi",
            ("channels", "myNewsSocket", "bindings", "ws", "method"),
            "PUT",
            r"\$\.channels\.myNewsSocket",
        ),
        ("asyncapi", ("operations", "echo", "action"), "shout", r"\$\.operations\.echo"),
        ("asyncapi", ("operations", "echo", "channel", "$ref"), "#/channels/gone", "leads nowhere"),
        ("asyncapi", ("info",), {}, r"\$\.info: '(title|version)' is"),
        ("openapi", ("info",), {}, "title"),
        ("openapi", ("paths", "/echo", "get", "responses"), 5, "responses"),
        (
            "openapi",
            ("paths", "/sse/my.news", "get", "responses", "200", "content", "text/event-stream", "itemSchema"),
            42,
            "itemSchema",
        ),
        (
            "openapi",
            ("paths", "/sse/my.news", "get", "responses", "200", "content", "text/event-stream", "itemSchema"),
            {"$ref": "#/components/schemas/gone"},
            "leads nowhere",
        ),
    ],
)
def test_a_broken_document_is_told_with_the_place(
    documents: dict[str, dict[str, Any]], kind: str, way: tuple[str, ...], value: object, place: str
) -> None:
    broken = copy.deepcopy(documents[kind])
    part = broken
    for key in way[:-1]:
        part = part[key]
    part[way[-1]] = value
    with pytest.raises(InputError, match=place):
        require_valid(broken)


def test_names_that_differ_only_in_signs_that_no_key_may_have_stay_apart() -> None:
    seen = [
        Sighting(transport, channel, event, "", data)
        for channel in ("a.b", "a-b", "_", "echo")
        for event, data in (("価格", '{"eur": 1}'), ("数量", f'{{"{channel}": "x"}}'))
        for transport in ("sse", "websocket")
    ]
    catalogue = make_catalogue(seen, "http://127.0.0.1:8080", ids=False, retry_ms=1)
    described = {"asyncapi": asyncapi_document(catalogue), "openapi": openapi_document(catalogue)}
    assert len(described["asyncapi"]["channels"]) == 9
    assert len(described["asyncapi"]["operations"]) == 13
    for document in described.values():
        require_valid(document)
        contract = Contract(document)
        for message in seen:
            if contract.covers_websocket or message.transport == "sse":
                assert contract.breaches(message) == ()
        (breach,) = contract.breaches(Sighting("sse", "a-b", "数量", "", '{"a.b": "x"}'))
        assert "a-b" in breach.problem


def test_a_reference_may_lead_into_a_list(documents: dict[str, dict[str, Any]]) -> None:
    document = documents["asyncapi"]
    document["components"]["schemas"] = {
        "list": {"anyOf": [{"type": "string"}]},
        "first": {"$ref": "#/components/schemas/list/anyOf/0"},
    }
    require_valid(document)
    document["components"]["schemas"]["first"] = {"$ref": "#/components/schemas/list/anyOf/1"}
    with pytest.raises(InputError, match="leads nowhere"):
        require_valid(document)


def test_a_message_that_leads_nowhere_is_told(documents: dict[str, dict[str, Any]]) -> None:
    document = documents["asyncapi"]
    document["channels"]["myNewsStream"]["messages"] = {"price": {"$ref": "#/components/messages/gone"}}
    with pytest.raises(InputError, match="leads to nothing"):
        Contract(document).breaches(SEEN[0])


@pytest.mark.parametrize("document", [{}, {"asyncapi": "2.6.0"}, {"openapi": "3.1.0"}, {"openapi": 3}])
def test_another_format_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="neither"):
        require_valid(document)


def test_without_a_message_there_is_nothing_to_describe() -> None:
    with pytest.raises(InputError, match="publish some"):
        make_catalogue((), "http://127.0.0.1:1", ids=True, retry_ms=1)


def test_a_websocket_message_is_named_as_its_event(catalogue: Catalogue) -> None:
    assert [kind.event for kind in catalogue.of("websocket", "my.news")] == ["price", "message"]
    assert [kind.count for kind in catalogue.of("websocket", "my.news")] == [2, 1]


def test_what_was_seen_keeps_the_contract(catalogue: Catalogue, documents: dict[str, dict[str, Any]]) -> None:
    streams, everything = Contract(documents["openapi"]), Contract(documents["asyncapi"])
    for message in SEEN:
        if message.transport == "sse" and catalogue.ids:
            assert streams.breaches(message) == ()
        assert everything.breaches(message) == ()


BROKEN = [
    ("price", '{"symbol": "ABC", "eur": "13"}', "eur", "not of type"),
    ("price", '{"symbol": "ABC"}', "", "'eur' is a required property"),
    ("price", "13 euros", "", "not JSON"),
    ("prize", PRICE, "", "prize|not valid|expected"),
]


@pytest.mark.parametrize(("event", "data", "where", "problem"), BROKEN)
@pytest.mark.parametrize("kind", ["asyncapi", "openapi"])
def test_a_planted_breach_in_an_event_is_found(
    documents: dict[str, dict[str, Any]], kind: str, event: str, data: str, where: str, problem: str
) -> None:
    (breach,) = Contract(documents[kind]).breaches(Sighting("sse", "my.news", event, "", data))
    assert where in breach.where
    assert any(part in breach.problem for part in problem.split("|")), breach


def test_an_id_where_none_is_promised_is_a_breach_of_openapi(catalogue: Catalogue) -> None:
    breaches = Contract(openapi_document(catalogue)).breaches(SEEN[0])
    assert [each.where for each in breaches] == ([] if catalogue.ids else ["$.id"])


def test_a_planted_breach_in_a_websocket_message_is_found() -> None:
    only_prices = make_catalogue(
        [each for each in SEEN if each.data != "plain words"], "http://a", ids=True, retry_ms=1
    )
    contract = Contract(asyncapi_document(only_prices))
    assert contract.breaches(Sighting("websocket", "my.news", "message", "", PRICE)) == ()
    (breach,) = contract.breaches(Sighting("websocket", "my.news", "message", "", '{"symbol": 1, "eur": 2}'))
    assert (breach.where, breach.transport) == ("$.symbol", "websocket")


def test_a_channel_that_no_document_knows_is_a_breach(documents: dict[str, dict[str, Any]]) -> None:
    for document in documents.values():
        (breach,) = Contract(document).breaches(Sighting("sse", "other", "price", "", PRICE))
        assert "/sse/other" in breach.problem


def test_openapi_is_not_asked_about_websockets(documents: dict[str, dict[str, Any]]) -> None:
    with pytest.raises(InputError, match="AsyncAPI"):
        Contract(documents["openapi"]).breaches(SEEN[3])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.lists(
        st.lists(JSON, max_size=3) | st.dictionaries(st.text(max_size=5), JSON, max_size=3), min_size=1, max_size=4
    )
)
def test_what_was_seen_always_fits_its_schema(values: list[Any]) -> None:
    is_json, schema = describe([json.dumps(value) for value in values])
    assert is_json
    for value in values:
        Draft7Validator(schema).validate(value)
        Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize("text", ["12", '"word"', "null", "{", "[" * 100_000])
def test_what_is_json_by_chance_stays_text(text: str) -> None:
    assert describe([text, '{"a": 1}']) == (False, {"type": "string"})
