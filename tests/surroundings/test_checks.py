from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from rtlab.surroundings import checks
from rtlab.surroundings.checks import Check, ImportName


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (checks.check_python((3, 10, 14)), "problem"),
        (checks.check_python((3, 11, 0)), "ok"),
        (checks.check_python((4, 0, 0)), "ok"),
        (checks.check_ipykernel("6.31.0"), "ok"),
        (checks.check_ipykernel("7.0.0"), "problem"),
        (checks.check_ipykernel("7.0.1"), "problem"),
        (checks.check_ipykernel("7.1.0"), "ok"),
        (checks.check_ipykernel("6.4"), "problem"),
        (checks.check_ipykernel(None), "problem"),
        (checks.check_version("tornado", "6.5.2", "6.6", "problem", "old"), "problem"),
        (checks.check_version("tornado", "6.6", "6.6", "problem", "old"), "ok"),
        (checks.check_version("tornado", "6.10.0", "6.6", "problem", "old"), "ok"),
        (checks.check_version("tornado", "7.0b1", "6.6", "problem", "old"), "ok"),
        (checks.check_version("jupyter-server-proxy", "4.4.0", "4.6", "warning", "old"), "warning"),
        (checks.check_version("jupyter-server-proxy", None, "4.6", "warning", "old"), "warning"),
        (checks.check_lab_extension("3.0.17", "8.1.9"), "ok"),
        (checks.check_lab_extension("1.1.11", "8.1.9"), "problem"),
        (checks.check_lab_extension(None, "8.1.9"), "problem"),
        (checks.check_lab_extension("1.1.11", "7.8.5"), "info"),
        (checks.check_page_parts([]), "ok"),
        (checks.check_page_parts(["anywidget"]), "warning"),
        (checks.check_open_files(None), "ok"),
        (checks.check_open_files(1024), "ok"),
        (checks.check_open_files(256), "warning"),
        (checks.check_loopback(""), "ok"),
        (checks.check_loopback("timed out"), "problem"),
        (checks.check_localhost(["127.0.0.1", "::1"]), "ok"),
        (checks.check_localhost(["127.0.0.1", "192.0.2.7"]), "warning"),
        (checks.check_localhost([]), "warning"),
        (checks.check_plotly_script(Path("plotly.min.js")), "ok"),
        (checks.check_plotly_script(None), "problem"),
        (checks.check_chromium(None), "info"),
    ],
)
def test_a_check_has_the_status_that_its_facts_deserve(check: Check, status: str) -> None:
    assert check.status == status
    assert check.found
    if status in ("warning", "problem"):
        assert check.fix.endswith(".") and "\n" not in check.fix


@pytest.mark.parametrize(
    ("environ", "status"),
    [
        ({}, "ok"),
        ({"HTTP_PROXY": ""}, "ok"),
        ({"HTTP_PROXY": "http://me:secret@proxy:3128"}, "problem"),
        ({"https_proxy": "http://proxy:3128", "NO_PROXY": "example.org"}, "problem"),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "127.0.0.1"}, "problem"),
        ({"http_proxy": "http://proxy:3128", "no_proxy": "localhost, 127.0.0.1"}, "ok"),
        ({"ALL_PROXY": "socks5://proxy:1080", "NO_PROXY": "*"}, "ok"),
    ],
)
def test_a_web_proxy_must_leave_this_machine_alone(environ: dict[str, str], status: str) -> None:
    assert checks.check_proxies(environ).status == status


def test_the_address_of_a_proxy_is_not_shown_for_it_may_hold_a_password() -> None:
    assert "secret" not in repr(checks.check_proxies({"HTTP_PROXY": "http://me:secret@proxy:3128"}))


def _import(names: Collection[str], owners: Collection[str], origin: str | None = "/env/websocket.py") -> Check:
    wanted, mark = "websocket-client", "WebSocketApp"
    return checks.check_import_name(ImportName("websocket", wanted, mark, origin, names, owners))


def test_the_right_package_under_its_name_is_fine() -> None:
    assert _import({"WebSocketApp"}, {"websocket-client"}).status == "ok"


def test_another_package_under_the_name_is_named_and_removed() -> None:
    seen = _import({"WebSocket"}, {"websocket", "websocket-client"})
    assert seen.status == "problem" and "'websocket'" in seen.found
    assert "pip uninstall -y websocket websocket-client" in seen.fix
    assert "pip install websocket-client" in seen.fix


def test_another_package_that_does_not_win_is_a_warning() -> None:
    seen = _import({"WebSocketApp"}, {"websocket", "websocket-client"})
    assert seen.status == "warning" and "'websocket'" in seen.found


def test_a_file_of_the_learner_under_the_name_is_named() -> None:
    seen = _import({"my_lesson"}, {"websocket-client"}, "/home/me/websocket.py")
    assert seen.status == "problem" and "/home/me/websocket.py" in seen.found
    assert "Rename" in seen.fix


def test_a_missing_package_is_installed() -> None:
    seen = _import((), (), None)
    assert seen.status == "problem" and seen.fix == "Run `pip install websocket-client`."


def test_a_kernel_of_another_python_is_named(tmp_path: Path) -> None:
    own = tmp_path / "env" / "bin" / "python"
    other = tmp_path / "other" / "bin" / "python3"
    assert checks.check_kernelspec([str(other), "-m", "ipykernel_launcher"], str(own)).status == "warning"
    assert str(other) in checks.check_kernelspec([str(other)], str(own)).found
    assert checks.check_kernelspec([], str(own)).status == "warning"


def test_a_kernel_of_this_python_may_have_another_name_for_it(tmp_path: Path) -> None:
    own = tmp_path / "env" / "bin" / "python"
    assert checks.check_kernelspec([str(own.with_name("python3"))], str(own)).status == "ok"
    assert checks.check_kernelspec(["python"], str(own)).status == "ok"  # the server's own
