"""The columns of the tables on documents, contracts and the scorecard."""

from __future__ import annotations

from rtlab.tables.columns import Column

_TRANSPORT = Column("transport", "category", "", "How the messages travelled.")
_CHECKER = Column("checker", "string", "", "Who held the messages against the document.")
_DOCUMENT = Column("document", "string", "", "The document's format and version.")
_CATEGORY = Column("category", "string", "", "The category of the article's summary.")

DOCUMENT_TABLES: dict[str, tuple[Column, ...]] = {
    "message_kinds": (
        Column("channel", "string", "", "The lab's channel."),
        _TRANSPORT,
        Column("event", "string", "", "The message's name; over a WebSocket the wire carries none."),
        Column("is_json", "bool", "", "True if every one was a JSON object or array."),
        Column("seen", "int64", "messages", "How many were seen on the wire."),
        Column("example", "string", "", "The data of the first one."),
    ),
    "contract_checks": (
        _CHECKER,
        _DOCUMENT,
        _TRANSPORT,
        Column(
            "checked", "int64", "number", "How many messages or whole streams were checked; the unit says which."
        ),
        Column("unit", "string", "", "What was counted: messages or streams."),
        Column("breaches", "int64", "breaches", "How many times the contract was found broken."),
    ),
    "breaches": (
        _CHECKER,
        _DOCUMENT,
        _TRANSPORT,
        Column("channel", "string", "", "The lab's channel."),
        Column("event", "string", "", "The message's name."),
        Column(
            "where", "string", "", "Which part of the message, as a JSON path; empty if the checker tells none."
        ),
        Column("problem", "string", "", "What is wrong."),
    ),
    "postman_steps": (
        Column("collection", "string", "", "Which collection: HTTP and event streams, or WebSocket."),
        Column("program", "string", "", "The program: the Postman CLI or Newman."),
        Column("step", "string", "", "What it did: checked the form, or ran the requests."),
        Column("files", "int64", "files", "How many files it checked."),
        Column("requests", "int64", "requests", "How many requests it made."),
        Column("tests", "int64", "tests", "How many tests it ran."),
        Column("failed", "int64", "tests", "How many of them failed."),
        Column("outcome", "string", "", "What came of it."),
    ),
    "own_tests": (
        Column("test", "string", "", "The test's name, as a sentence."),
        Column("outcome", "string", "", "Whether it passed, failed or was skipped."),
        Column("seconds", "float64", "s", "How long it took, with its fixtures."),
        Column("told", "string", "", "Why it failed or was skipped; empty if it passed."),
    ),
    "viewers": (
        Column("format", "string", "", "The format that it shows."),
        Column("viewer", "string", "", "What its makers call it."),
        Column("version", "string", "", "The version that is known to work here."),
        Column("here", "bool", "", "True if it has been fetched."),
        Column("licence", "string", "", "Its licence."),
        Column("package", "string", "", "Its npm package."),
    ),
    "score_measures": (
        _CATEGORY,
        Column("name", "string", "", "What was measured."),
        Column("sse", "float64", "as unit", "The value with Server-Sent Events."),
        Column("websocket", "float64", "as unit", "The value with WebSocket."),
        Column("unit", "string", "", "What the values count."),
        Column(
            "lean", "float64", "from -1 to 1", "Where it pulls: below 0 towards SSE, above 0 towards WebSocket."
        ),
        Column("source", "string", "", "Who measured: yours, or reference for what comes with rtlab."),
        Column("care", "string", "", "Why the numbers need care; empty if nothing is known."),
        Column("better", "string", "", "Whether the lower or the higher value is the better one."),
        Column("date_utc", "string", "", "The day of the measurement, in UTC."),
    ),
    "scorecard": (
        _CATEGORY,
        Column("measures", "int64", "measures", "How many measures there are."),
        Column("lean", "float64", "from -1 to 1", "Their mean: below 0 towards SSE, above 0 towards WebSocket."),
        Column("weight", "float64", "weight", "How much the category matters to you."),
        Column("pull", "float64", "weight", "The lean times the weight."),
        Column("mixed", "bool", "", "True if its measures pull to different sides, so the mean hides a trade."),
        Column("source", "string", "", "Whose measures: yours, reference for what comes with rtlab only, or none."),
    ),
    "article_summary": (
        _CATEGORY,
        Column("article_sse", "string", "", "What the article says of Server-Sent Events, in our words."),
        Column("article_websocket", "string", "", "What it says of WebSocket, in our words."),
        Column("article_leans", "string", "", "To which side that leans; depends if it says so."),
        Column("measured_leans", "string", "", "To which side the measures lean; both if they part."),
        Column("source", "string", "", "Whose measures: yours, reference for what comes with rtlab only, or none."),
        Column("not_as_written", "string", "", "The claims of the category that do not hold as they are written."),
    ),
    "verdict_counts": (
        _CATEGORY,
        Column("verdict", "string", "", "A verdict of the ledger."),
        Column("claims", "int64", "claims", "How many claims of the category have it."),
    ),
}
