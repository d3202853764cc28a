from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from rtlab.errors import InputError, MissingExtra
from rtlab.experiments.observation import publish_prices
from rtlab.results import contract as contract_of
from rtlab.results.contract import contract
from rtlab.results.document_view import DocumentView
from rtlab.results.documents import Documents, documents, validate
from rtlab.results.postman import postman
from rtlab.servers.lab import Lab, start_lab


def publish_broken(lab: Lab) -> None:
    """The application after a careless change: the price is a text now."""
    publish_prices(lab)
    lab.publish('{"symbol": "ABC", "eur": "12.5", "volume": 3}', event="price")


@pytest.fixture
def described(lab: Lab) -> Documents:
    return documents(lab)


def test_the_documents_of_a_lab_are_valid_and_name_what_was_seen(lab: Lab, described: Documents) -> None:
    assert described.validate() == validate(described) == ("AsyncAPI 3.1.0", "OpenAPI 3.2.0")
    rows = described.table[["transport", "event", "is_json", "seen"]].itertuples(index=False, name=None)
    assert set(rows) == {
        ("sse", "price", True, 2),
        ("websocket", "price", True, 2),
        ("sse", "notice", True, 1),
        ("websocket", "notice", True, 1),
    }
    assert described.openapi["servers"] == [{"url": lab.http_url}]
    assert "2 kinds of messages on 1 channel:" in described.text


def test_without_the_package_it_says_that_openapi_was_not_checked(
    described: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openapi_spec_validator.schemas", None)
    asyncapi, openapi = described.validate()
    assert asyncapi == "AsyncAPI 3.1.0"
    assert "OpenAPI was not checked here" in openapi
    with pytest.raises(MissingExtra, match="pip install openapi-spec-validator"):
        described.validate("openapi")


def test_saved_json_and_yaml_say_the_same(described: Documents, tmp_path: Path) -> None:
    files = described.save(tmp_path / "new")
    assert [path.name for path in files] == ["asyncapi.json", "asyncapi.yaml", "openapi.json", "openapi.yaml"]
    for as_json, as_yaml in (files[:2], files[2:]):
        assert json.loads(as_json.read_text()) == yaml.safe_load(as_yaml.read_text())
        assert "&id" not in as_yaml.read_text()


def test_the_contract_is_kept_on_both_transports(lab: Lab, described: Documents) -> None:
    found = contract(lab, described, schemathesis=False)
    assert found.kept
    assert list(found.table["checked"]) == [3, 3, 3]
    assert list(found.table["transport"]) == ["sse", "websocket", "sse"]
    assert found.text == "Every message kept the contract."


def test_a_broken_contract_is_found_on_both_transports_and_by_both_documents(
    lab: Lab, described: Documents
) -> None:
    found = contract(lab, described, publish_broken, schemathesis=False)
    assert not found.kept
    assert list(found.table["breaches"]) == [1, 1, 1]
    assert list(found.breaches["where"]) == ["$.eur", "$.eur", "$.data.eur"]
    assert "is not of type 'number'" in found.text


def test_where_any_text_is_allowed_a_websocket_message_without_a_name_cannot_break_the_contract(lab: Lab) -> None:
    def publish(lab: Lab, eur: str = "12.5") -> None:
        lab.publish(f'{{"eur": {eur}}}', event="price")
        lab.publish("plain words")

    found = contract(lab, documents(lab, application=publish), lambda lab: publish(lab, '"x"'), schemathesis=False)
    assert list(found.table["breaches"]) == [1, 0, 1]


def test_a_document_of_ones_own_is_checked_alone(lab: Lab, described: Documents) -> None:
    found = contract(lab, described.asyncapi, channels=("news",), schemathesis=False)
    assert list(found.table["document"]) == ["AsyncAPI 3.1.0"] * 2


def test_silence_proves_nothing(lab: Lab, described: Documents) -> None:
    with pytest.raises(InputError, match="nothing was checked"):
        contract(lab, described, lambda lab: None, schemathesis=False)
    with pytest.raises(InputError, match="nothing to describe"):
        documents(lab, application=lambda lab: None)
    with pytest.raises(InputError, match="at least one channel"):
        contract(lab, described.asyncapi, schemathesis=False)


def test_an_isolated_lab_is_refused(unique_name: str) -> None:
    with start_lab(unique_name, isolated=True) as lab, pytest.raises(InputError, match="isolated=True"):
        documents(lab)


def test_without_schemathesis_the_rest_is_checked_and_the_gap_is_told(
    lab: Lab, described: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtlab.tools.schemathesis.find_program", lambda name: None)
    found = contract(lab, described)
    assert len(found.checks) == 3
    assert "pip install schemathesis" in found.text
    with pytest.raises(MissingExtra, match="pip install schemathesis"):
        contract(lab, described, schemathesis=True)
    assert contract_of.contract(lab, described, schemathesis=False).left_out == ""


def test_without_its_viewer_a_document_is_an_outline_that_tells_how_to_fetch_it(
    described: Documents, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    view = described.show("asyncapi")
    assert (view.by, view.page) == ("outline", "")
    html = view._repr_mimebundle_()["text/html"]
    assert "rtlab.tooling.viewers()" in html
    assert set(view.outline["address"]) == {"/sse/news", "/ws/news", "/echo"}
    assert set(described.show("openapi").outline["address"]) >= {"/sse/news", "/publish/news", "/ws/news", "/echo"}
    with pytest.raises(MissingExtra, match="fetch=True"):
        described.show("asyncapi", viewer=True)
    with pytest.raises(InputError, match="formats are"):
        described.show("wsdl")  # type: ignore[arg-type]


def test_without_postmans_programs_the_way_and_the_kept_run_are_told_and_nothing_is_counted(
    lab: Lab, described: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rtlab.tools.postman.find_program", lambda *names: None)
    found = postman(lab, described)
    assert not found.table[["files", "requests", "tests", "failed"]].to_numpy().any()
    outcomes = " ".join(found.table["outcome"])
    assert outcomes.count("npm install --global postman-cli. Kept from 20") == 4
    assert outcomes.count("npm install --global newman. Kept from 20") == 1
    assert "6 tests, 0 failed; every test passed" in outcomes
    assert "2 WebSocket requests were skipped" in outcomes
    assert found.text.startswith("Nothing was run here.")


def test_a_document_cannot_break_out_of_its_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RTLAB_TOOLS", str(tmp_path))
    folder = tmp_path / "viewers" / "openapi-1.72.1"
    folder.mkdir(parents=True)
    (folder / "standalone.js").write_text("window.viewer = 1;")
    document = {"openapi": "3.2.0", "info": {"title": "</script><script>alert(1)</script>", "version": "1"}}
    view = DocumentView(document)
    assert view.page.count("<script>") == 1
    html = view._repr_mimebundle_()["text/html"]
    assert html.count("<") == 2  # the frame begins and ends
    assert 'sandbox="allow-scripts"' in html
