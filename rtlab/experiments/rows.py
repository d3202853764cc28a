"""From what a run saw to the rows of a recording: every message has its row, arrived or not."""

from __future__ import annotations

from collections.abc import Sequence

from rtlab.clients.client import Client
from rtlab.records import Connection, Delivery, Message, Run


def delivery_rows(
    run: Run,
    connection_id: int,
    arrivals: Sequence[tuple[int, int]],
    messages: Sequence[Message],
    sent_ns: Sequence[int],
) -> list[Delivery]:
    """Give the rows of one connection: one for each arrival, and one for each message that never arrived.

    Args:
        run: The run.
        connection_id: Which connection of the run.
        arrivals: ``(seq, received_ns)`` of each arrival, doubled ones included.
        messages: All messages of the workload.
        sent_ns: When each was sent.
    """

    def row(seq: int, received_ns: int | None) -> Delivery:
        message = messages[seq]
        return Delivery(
            run_id=run.run_id,
            transport=run.transport,
            client=run.client,
            connection_id=connection_id,
            seq=seq,
            payload_bytes=len(message.payload),
            scheduled_ns=run.started_ns + message.scheduled_ns,
            sent_ns=sent_ns[seq] if seq < len(sent_ns) else None,
            received_ns=received_ns,
        )

    rows = [row(seq, at_ns) for seq, at_ns in arrivals]
    arrived = {seq for seq, _ in arrivals}
    return rows + [row(message.seq, None) for message in messages if message.seq not in arrived]


def connection_row(run: Run, connection_id: int, client: Client, opened: int | str, ended: str) -> Connection:
    """Give the row of one connection.

    Args:
        run: The run.
        connection_id: Which connection of the run.
        client: The client, with its traffic.
        opened: When it was ready to receive, or why it never was.
        ended: Why it ended before it was told to; empty if it did not.
    """
    traffic = client.traffic
    counted = client.counts_bytes
    return Connection(
        run_id=run.run_id,
        transport=run.transport,
        client=run.client,
        connection_id=connection_id,
        opened_ns=opened if isinstance(opened, int) else None,
        requests=traffic.requests if counted else 1,
        bytes_up=traffic.bytes_up if counted else None,
        bytes_down=traffic.bytes_down if counted else None,
        error=opened if isinstance(opened, str) else ended,
    )
