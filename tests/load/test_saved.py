import json

import pytest

from rtlab.errors import RecordingError
from rtlab.load.saved import FORMAT, load_report, save_report

from .reports import FAILURE, report, row, share

REPORT = report(share(0, [row(0), row(2, opened_ms=None, error="Connection refused")]), failures=[FAILURE])


def test_a_report_comes_back_as_it_was(tmp_path):
    path = save_report(REPORT, tmp_path / "swarm.json")
    assert load_report(path) == REPORT
    assert [file.name for file in tmp_path.iterdir()] == ["swarm.json"]


def test_a_file_that_cannot_be_written_is_an_error_in_words(tmp_path):
    with pytest.raises(RecordingError, match="cannot be saved"):
        save_report(REPORT, tmp_path / "nowhere" / "swarm.json")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot be read as a swarm"),
        ("[]", "has the format None"),
        (json.dumps({"format": "rtlab-load-9"}), "reads 'rtlab-load-1'"),
        (json.dumps({"format": FORMAT}), "damaged"),
        (json.dumps({"format": FORMAT, "plan": {}, "conditions": {}, "shares": [3], "failures": []}), "damaged"),
    ],
)
def test_a_file_that_is_no_report_is_an_error_in_words(tmp_path, content, words):
    path = tmp_path / "swarm.json"
    path.write_text(content)
    with pytest.raises(RecordingError, match=words):
        load_report(path)
