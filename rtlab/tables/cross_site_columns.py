"""The columns of the tables on attacks across sites."""

from __future__ import annotations

from rtlab.tables.columns import Column

_BY = Column("by", "string", "", "Who sent it: the browser, or a program that sends what a browser would.")

CROSS_SITE_TABLES: dict[str, tuple[Column, ...]] = {
    "hijacks": (
        Column("page", "string", "", "Where the attacking page stands; the server is at 127.0.0.1."),
        Column("cookie", "string", "", "What the session's cookie says on SameSite."),
        Column("policy", "string", "", "What the server checks: nothing, Origin, or a token in the first message."),
        Column(
            "outcome", "string", "", "read: the attack succeeded; refused; no cookie or no token: nothing read."
        ),
        Column("opened", "bool", "", "Whether the socket opened."),
        Column("cookie_sent", "bool", "", "Whether the session's cookie went with the handshake."),
        Column("read", "bool", "", "Whether the page got the victim's data."),
        Column("seen", "string", "", "What the page's script saw."),
        _BY,
    ),
    "cors": (
        Column("server", "string", "", "What the server says on CORS: whom it allows."),
        Column("client", "string", "", "What the page used."),
        Column("outcome", "string", "", "read, or stopped by the browser; (cookie) if the cookie was sent."),
        Column("readable", "bool", "", "Whether the page's script could read the stream."),
        Column("cookie_sent", "bool", "", "Whether the session's cookie went with the request."),
        Column("arrived", "bool", "", "Whether the request reached the server."),
        Column("private", "bool", "", "Whether the script read the data of the cookie's owner."),
        Column("anyone", "bool", "", "Whether the server lets any page of the web do the same."),
        _BY,
    ),
    "rebindings": (
        Column("server", "string", "", "Which server: naive, fixed or default lab."),
        Column("transport", "category", "", "The transport."),
        Column("outcome", "string", "", "read: the attack succeeded; refused."),
        Column("read", "bool", "", "Whether the page got the server's data."),
        Column("seen", "string", "", "What the page's script saw."),
        _BY,
    ),
}
