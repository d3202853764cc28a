"""``security.capture_tls()``: what TLS hides on the line, and what it hides only from clients that check."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go  # type: ignore[import-untyped]  # plotly ships no types

from rtlab.errors import InputError
from rtlab.experiments.attack_tls import attempts_of, overhear, try_certificates
from rtlab.figures.tls import figure_certificates, figure_overheard
from rtlab.findings.tls import CertificateTrial, Overheard
from rtlab.results.attacks import Attacks
from rtlab.results.progress import ProgressBar
from rtlab.tables.tls import certificates_table, overheard_table


class TlsCapture(Attacks):
    """What listeners and false servers got.

    Args:
        overheard: One for each scheme.
        trials: One for each client and certificate.
    """

    def __init__(self, overheard: Sequence[Overheard], trials: Sequence[CertificateTrial]) -> None:
        super().__init__(attempts_of(overheard, trials))
        self.overheard = tuple(overheard)
        self.trials = tuple(trials)

    @property
    def table(self) -> pd.DataFrame:
        """What a listener learns (``describe("overheard")``), one row a scheme."""
        return overheard_table(self.overheard)

    @property
    def certificates(self) -> pd.DataFrame:
        """What clients did before certificates (``describe("certificates")``), one row a trial."""
        return certificates_table(self.trials)

    @property
    def text(self) -> str:
        """What can be read with TLS, and who was taken in."""
        readable = [each.scheme for each in self.overheard if each.token or each.text]
        growths = [each.message_bytes[1] - each.message_bytes[0] for each in self.overheard]
        sizes = " By its size one message can be told from another." if all(growths) else ""
        taken_in = {
            f"{trial.client}{'' if trial.checks else ' without its checks'}"
            for trial in self.trials
            if trial.connected and trial.certificate != "good"
        }
        return (
            f"A listener reads token and messages over {' and '.join(readable) or 'no scheme'}; over the others "
            f"the server's name, sizes and times.{sizes} Wrong certificates were taken by "
            f"{', '.join(sorted(taken_in)) or 'nobody'}."
        )

    def figure(self, what: str = "overheard") -> go.Figure:
        """Draw what a listener can read, or what clients do before certificates.

        Args:
            what: ``"overheard"`` or ``"certificates"``.

        Raises:
            InputError: It is something else.
        """
        match what:
            case "overheard":
                return figure_overheard(self.table)
            case "certificates":
                return figure_certificates(self.certificates)
        raise InputError(f'figure() draws "overheard" or "certificates", not {what!r}.')

    def captured(self, scheme: str) -> Overheard:
        """Give what was kept of one line, such as for ``dissect((captured.sent, captured.received))``.

        Args:
            scheme: ``"http"``, ``"https"``, ``"ws"`` or ``"wss"``.

        Raises:
            InputError: There is no such scheme.
        """
        for each in self.overheard:
            if each.scheme == scheme:
                return each
        raise InputError(f"There is no capture of {scheme!r}; there are http, https, ws and wss.")


def capture_tls(*, progress: bool = True) -> TlsCapture:
    """Keep the bytes of one conversation with TLS and without, and show clients certificates that are wrong.

    Labs, false servers and the listener are on this machine; all certificates are made for this and thrown away.

    Args:
        progress: Show a progress bar.

    Returns:
        What a listener can read of each line, and which client goes on before which certificate.
    """
    with ProgressBar(progress, unit="part") as bar:
        bar.tell(0, 2, "listening")
        overheard = overhear()
        bar.tell(1, 2, "certificates")
        return TlsCapture(overheard, try_certificates())
