"""The lines for nginx and HAProxy, given to the real programs."""

from __future__ import annotations

import subprocess

import pytest

from rtlab.network.real_proxies import find_proxy
from rtlab.probes.fixes import FIXES

from ..absent import needed

SYSTEMS = {"nginx", "HAProxy", "Caddy", "Traefik", "tornado", "websockets", "Node", "Spring"}
NGINX = """events {{}}
pid {folder}/pid;
error_log stderr;
http {{
    access_log off;
    upstream app {{ server 127.0.0.1:9; }}
    {http}
    server {{
        listen 127.0.0.1:9;
        {server}
    }}
}}
"""
HAPROXY = """defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend site
    bind 127.0.0.1:9
    {lines}
    default_backend app
backend app
    server app 127.0.0.1:9
"""


def snippets(system: str) -> dict[str, str]:
    return {name: dict(fix.snippets)[system] for name, fix in FIXES.items() if system in dict(fix.snippets)}


def checked(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stdout + done.stderr


def blocks(lines: str) -> tuple[str, str]:
    """Tell what belongs beside the servers from what belongs into one."""
    beside, within, depth, to_beside = [], [], 0, False
    for line in lines.splitlines():
        if depth == 0:
            to_beside = line.startswith(("map ", "server {"))
        (beside if to_beside else within).append(line)
        depth += line.count("{") - line.count("}")
    return "\n".join(beside), "\n".join(within)


@pytest.mark.parametrize("name", snippets("nginx"))
def test_nginx_takes_its_lines(tmp_path, name):
    found = needed(find_proxy, "nginx")
    beside, within = blocks(snippets("nginx")[name])
    # A port that needs no rights, and no certificate: there is none here.
    beside, within = (
        beside.replace("listen 80", "listen 8080"),
        within.replace("listen 443 ssl http2", "listen 8443 http2"),
    )
    file = tmp_path / "nginx.conf"
    file.write_text(NGINX.format(folder=tmp_path, http=beside, server=within), encoding="utf-8")
    checked(found, "-t", "-q", "-p", str(tmp_path), "-c", str(file), "-e", "stderr")


@pytest.mark.parametrize("name", snippets("HAProxy"))
def test_haproxy_takes_its_lines(tmp_path, name):
    found = needed(find_proxy, "haproxy")
    lines = snippets("HAProxy")[name].replace("/etc/haproxy/site.pem", str(tmp_path / "site.pem"))
    text = HAPROXY
    if "bind " in lines:
        import trustme

        own = trustme.CA().issue_cert("app.example")
        own.private_key_and_cert_chain_pem.write_to_path(tmp_path / "site.pem")
        lines = lines.replace(":443", "127.0.0.1:8443")
    elif lines.startswith("timeout "):
        text = HAPROXY.replace("    timeout server 1s\n", "    timeout server 1s\n    {lines}\n").replace(
            "127.0.0.1:9\n    {lines}", "127.0.0.1:9"
        )
    file = tmp_path / "haproxy.cfg"
    file.write_text(text.format(lines=lines), encoding="utf-8")
    checked(found, "-c", "-q", "-f", str(file))


def test_every_fix_that_has_lines_names_a_system_that_is_known():
    for fix in FIXES.values():
        assert {name for name, _ in fix.snippets} <= SYSTEMS
        assert all(lines.strip() for _, lines in fix.snippets)


def test_the_lines_for_python_can_be_read_as_python():
    for system in ("tornado", "websockets"):
        for lines in snippets(system).values():
            body = "\n".join(f"    {line}" for line in lines.splitlines())
            compile(f"async def handler(self):\n{body}\n", system, "exec")
