from __future__ import annotations

import pytest

from rtlab.codecs.http1 import ResponseHead
from rtlab.probes.cookies import judge_cookies
from rtlab.probes.examination import Examination

SECURE = {
    "session=s3cret; Secure; HttpOnly; SameSite=Lax": ("fine", "Secure; HttpOnly; SameSite=Lax"),
    "session=s3cret; HttpOnly; SameSite=Lax": ("warning", "no Secure"),
    "session=s3cret; Secure; HttpOnly; SameSite=None": ("warning", "SameSite=None, so pages of every site"),
    "session=s3cret; HttpOnly; SameSite=None": ("error", "SameSite=None without Secure"),
    "__Host-session=s3cret; HttpOnly; SameSite=Lax": ("error", "its prefix wants Secure"),
    "session=s3cret; secure; httponly": ("info", "no SameSite"),
    "session=s3cret; Secure; SameSite=Strict": ("info", "no HttpOnly"),
}


def judged(url: str, *cookies: str):
    examination = Examination(url, 1.0)
    judge_cookies(examination, ResponseHead(200, "OK", tuple(("Set-Cookie", each) for each in cookies)))
    return examination.findings


@pytest.mark.parametrize("cookie", SECURE)
def test_what_a_cookie_lacks_is_told_and_its_value_is_not(cookie):
    severity, said = SECURE[cookie]
    (finding,) = judged("https://app.example/", cookie)
    assert (finding.id, finding.severity) == ("COOKIE-ATTRIBUTES", severity)
    assert said in finding.evidence
    assert "s3cret" not in finding.evidence


def test_without_tls_nobody_expects_secure():
    (finding,) = judged("http://127.0.0.1/", "session=1; HttpOnly; SameSite=Lax")
    assert finding.severity == "fine"


def test_the_gravest_of_several_counts_and_no_cookie_is_no_finding():
    (finding,) = judged("https://app.example/", *list(SECURE)[:4])
    assert finding.severity == "error"
    assert judged("https://app.example/") == []
