import runpy
from pathlib import Path

PAGE = runpy.run_path(str(Path(__file__).with_name("page.py")))


def test_the_page_says_what_the_data_say():
    text = PAGE["PAGE"].read_text(encoding="utf-8")
    assert text == PAGE["written"](text)
    assert all(f"<!-- {name} -->\n{table}\n" in text for name, table in PAGE["tables"]().items())


def test_every_run_of_rtlab_that_is_kept_is_without_a_fault():
    runs = [run for run in PAGE["autobahn_runs"]() if run["testee"] == "rtlab"]
    assert {(run["cases"], run["role"], run["compression"]) for run in runs} >= {
        (517, role, compression) for role in ("server", "client") for compression in (True, False)
    }
    for run in runs:
        unimplemented = 0 if run["compression"] else 216
        assert run["verdicts"].get("UNIMPLEMENTED", 0) == unimplemented
        assert run["verdicts"]["OK"] == run["cases"] - unimplemented - 3  # three are informational
        assert (run["failed"], run["non_strict"]) == ([], [])


def test_cases_that_follow_one_another_become_a_range():
    assert PAGE["in_short"](["6.4.1", "6.4.2", "6.4.4", "7.1.5", "13.2.1"]) == "6.4.1–2, 6.4.4, 7.1.5, 13.2.1"
