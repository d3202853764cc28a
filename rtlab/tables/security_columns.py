"""The columns of the tables on attacks."""

from __future__ import annotations

from rtlab.tables.columns import Column

TOKEN_PLACES = {
    "server_log": "the server's log",
    "proxy_log": "a proxy's log",
    "old_referer": "the Referer that it got before 2020",
    "referer": "the Referer that another site gets",
    "redirect": "what the target of a redirect gets",
    "redacted_log": "the server's redacted log",
    "lab_log": "a lab's log",
}
"""The columns of ``token_leaks`` that are places, and the name of each place."""

SECURITY_TABLES: dict[str, tuple[Column, ...]] = {
    "attacks": (
        Column("family", "string", "", "The kind of attack."),
        Column("attack", "string", "", "What was tried."),
        Column("transport", "string", "", "What it was tried over: sse, websocket or http."),
        Column("naive", "string", "", "succeeded or refused: a server without the guard; missing if not tried."),
        Column("fixed", "string", "", "The same for that server with the guard."),
        Column("default_lab", "string", "", "The same for a lab as start_lab() makes it."),
        Column("seen", "string", "", "What came of it at the first server that it was tried on."),
        Column("fix", "string", "", "What the fixed server does, or what to do."),
        Column("spec", "string", "", "Where the rule stands."),
    ),
    "injected_events": (
        Column("attack", "string", "", "What was tried."),
        Column("target", "string", "", "The server: naive, fixed or default lab."),
        Column("number", "int64", "number", "Which event of the stream, from 0."),
        Column("type", "string", "", "The event's type."),
        Column("data", "string", "", "The event's text."),
        Column("last_event_id", "string", "", "The id that the browser names when it comes back."),
        Column("forged", "bool", "", "True if the attacker has written the event, and the server never meant it."),
    ),
    "token_leaks": (
        Column("transport", "string", "", "How the secret travelled: sse or websocket."),
        Column("way", "string", "", "How the client showed the secret."),
        *(
            Column(name, "string", "", f"{place}: leaks, used up or no; missing where it cannot come.")
            for name, place in TOKEN_PLACES.items()
        ),
    ),
    "overheard": (
        Column("transport", "string", "", "How the messages travelled: sse or websocket."),
        Column("scheme", "string", "", "http, https, ws or wss."),
        Column("token", "bool", "", "True if a listener can read the token in the URL."),
        Column("text", "bool", "", "True if a listener can read the messages."),
        Column("server_name", "string", "", "The server's name as a listener can read it; missing if he cannot."),
        Column("bytes_up", "int64", "bytes", "Bytes from the client, the TLS handshake included."),
        Column("bytes_down", "int64", "bytes", "Bytes from the server, the TLS handshake included."),
        Column("first_bytes", "int64", "bytes", "What the first message added on the line."),
        Column("second_bytes", "int64", "bytes", "What the second message added on the line."),
        Column("gap_ms", "float64", "ms", "The time between the two messages, as a listener sees it."),
    ),
    "certificates": (
        Column("transport", "string", "", "sse or websocket."),
        Column("client", "string", "", "The client."),
        Column("checks", "bool", "", "False if its checks of certificates are switched off."),
        Column("certificate", "string", "", "The certificate that the server shows."),
        Column("connected", "bool", "", "True if the client went on, and sent its request."),
        Column("said", "string", "", "What the client said; missing if it went on."),
    ),
    "guesses": (
        Column("attack", "string", "", "What was tried."),
        Column("target", "string", "", "The server: naive, fixed or default lab."),
        Column("digits", "string", "", "The digits that were guessed, the last one for the first time."),
        Column("line_bytes", "int64", "bytes", "What the messages with this guess added on the line."),
        Column("right", "bool", "", "True if the secret begins with these digits."),
    ),
}
