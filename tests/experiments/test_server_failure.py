from __future__ import annotations

from rtlab.experiments.server_failure import close_codes
from rtlab.resources import data_path


def test_only_who_catches_the_exception_tells_the_client() -> None:
    assert close_codes(data_path("reference_programs")) == {"bare": 1006, "robust": 1011, "rtlab": 1011}
