"""Is the line encrypted, by a certificate that clients trust, and for how long?"""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime

from rtlab.clients.wire import trusting
from rtlab.codecs.dissect_fields import hide_parameters
from rtlab.probes.examination import CannotGoOn, Examination

_SOON_DAYS = 14
_OLD = ("SSLv3", "TLSv1", "TLSv1.1")


async def check_transport_security(examination: Examination) -> None:
    """Make one TLS connection and look at it; without TLS say what that means.

    Args:
        examination: What is under examination.

    Raises:
        CannotGoOn: Nobody is there, or no client would connect.
        InputError: ``ca_pem`` is no certificate.
    """
    if hide_parameters(examination.url):
        examination.note("HTTP-TOKEN-IN-URL", "warning", examination.url)
    if not examination.address.secure:
        if not examination.address.is_loopback:
            examination.note("HTTP-CLEARTEXT", "warning", f"{examination.address.scheme}://")
        return
    version, not_after = await _shake_hands(examination)
    examination.facts["tls_version"] = version
    examination.note("TLS-VERSION", "error" if version in _OLD else "fine", version)
    left_days = (ssl.cert_time_to_seconds(not_after) - datetime.now(UTC).timestamp()) / 86_400
    examination.facts["certificate_days"] = round(left_days)
    examination.note("TLS-EXPIRY", "warning" if left_days < _SOON_DAYS else "fine", f"valid until {not_after}")


async def _shake_hands(examination: Examination) -> tuple[str, str]:
    address = examination.address
    context = trusting(examination.ca_pem)
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        async with asyncio.timeout(examination.answer_s):
            _, writer = await asyncio.open_connection(
                address.host, address.port, ssl=context, ssl_handshake_timeout=examination.answer_s
            )
    except ssl.SSLCertVerificationError as error:
        examination.reached = True
        examination.note("TLS-UNTRUSTED", "error", error.verify_message)
        raise CannotGoOn(error.verify_message) from error
    except (ssl.SSLError, ConnectionAbortedError, ConnectionResetError) as error:
        examination.reached = True
        examination.note("TLS-FAILED", "error", str(error))
        raise CannotGoOn(str(error)) from error
    except (TimeoutError, OSError) as error:
        is_late = isinstance(error, TimeoutError)
        why = f"no TLS handshake within {examination.answer_s:g} s" if is_late else str(error)
        examination.note("HTTP-UNREACHABLE", "error", f"{address.host_header}: {why}")
        raise CannotGoOn(why) from error
    session = writer.get_extra_info("ssl_object")
    examination.facts["alpn"] = session.selected_alpn_protocol() or "none"
    version, certificate = str(session.version()), session.getpeercert()
    writer.transport.abort()
    return version, str(certificate["notAfter"])
