"""How to mend what a probe finds, with lines to put into the configuration of servers and proxies."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fix:
    """How to mend one kind of fault.

    Attributes:
        text: What to do, in a sentence or two.
        snippets: For each system the lines that do it; systems that need nothing are named in the text.
    """

    text: str
    snippets: tuple[tuple[str, str], ...] = ()


_NGINX_STREAM = """location /events {
    proxy_pass http://app;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
    proxy_read_timeout 1h;
}"""
_NGINX_UPGRADE = """map $http_upgrade $connection_upgrade {
    default upgrade;
    ''      close;
}
location /ws {
    proxy_pass http://app;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_read_timeout 1h;
}"""
_TORNADO_STREAM = """self.set_header("Content-Type", "text/event-stream")
self.set_header("Cache-Control", "no-store")
self.set_header("X-Accel-Buffering", "no")
await self.flush()
# and for each event
self.write(event)
await self.flush()"""
_TORNADO_LIMITS = """application.listen(port, max_header_size=16_384, idle_connection_timeout=15)
tornado.web.Application(handlers, websocket_max_message_size=65_536)"""
_NODE_LIMITS = """const server = http.createServer({ maxHeaderSize: 16384, headersTimeout: 10000 });
const sockets = new WebSocketServer({ server, maxPayload: 65536 });   // ws"""
_SPRING_LIMITS = """# application.properties
server.max-http-request-header-size=16KB
server.tomcat.connection-timeout=10s
spring.codec.max-in-memory-size=64KB"""
_NODE_STREAM = """res.writeHead(200, {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
});
res.flushHeaders();
res.write(event);   // for each; Express's compression() wants res.flush() behind it"""
_SPRING_STREAM = """@GetMapping(path = "/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
public ResponseEntity<Flux<ServerSentEvent<String>>> events() {
    return ResponseEntity.ok().cacheControl(CacheControl.noStore()).header("X-Accel-Buffering", "no").body(stream);
}"""
_NODE_ORIGIN = """const own = new Set(["https://app.example"]);
server.on("upgrade", (request, socket, head) => {
    if (!own.has(request.headers.origin)) {
        socket.end("HTTP/1.1 403 Forbidden\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n");
        return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws, request));
});   // ws, with noServer: true"""
_SPRING_ORIGIN = """registry.addHandler(handler, "/ws").setAllowedOrigins("https://app.example");"""
_NODE_HOST = """if (!["localhost", "127.0.0.1"].includes((request.headers.host ?? "").replace(/:\\d+$/, ""))) {
    response.writeHead(403).end();
}"""
_TORNADO_ORIGIN = """class Socket(tornado.websocket.WebSocketHandler):
    def check_origin(self, origin):
        return origin in {"https://app.example"}"""
_TORNADO_HOST = """class Base(tornado.web.RequestHandler):
    def prepare(self):
        if self.request.host_name not in {"localhost", "127.0.0.1"}:
            raise tornado.web.HTTPError(403)"""

FIXES = {
    "buffering": Fix(
        "Send X-Accel-Buffering: no with the stream, flush after each event, and let no proxy collect it. HAProxy "
        "passes an answer on as it comes.",
        (
            ("nginx", _NGINX_STREAM),
            ("Caddy", "reverse_proxy app:8000 {\n    flush_interval -1\n}"),
            ("tornado", _TORNADO_STREAM),
            ("Node", _NODE_STREAM),
        ),
    ),
    "compression": Fix(
        "Leave text/event-stream out of what is compressed, or let the compressor flush after each event.",
        (
            ("nginx", "location /events {\n    gzip off;\n}"),
            ("HAProxy", "compression algo gzip\ncompression type text/html text/css application/javascript"),
            (
                "Traefik",
                "http:\n  middlewares:\n    small:\n      compress:\n        excludedContentTypes:\n"
                "          - text/event-stream",
            ),
        ),
    ),
    "idle": Fix(
        "Send a sign of life, a comment on an event stream or a ping on a WebSocket, more often than the shortest "
        "limit on the way: every 15 to 30 s.",
        (
            ("nginx", "proxy_read_timeout 1h;"),
            ("HAProxy", "timeout server 1h   # event streams\ntimeout tunnel 1h   # WebSockets"),
            ("tornado", "tornado.web.Application(handlers, websocket_ping_interval=20)"),
            ("Node", "setInterval(() => { for (const ws of sockets.clients) ws.ping(); }, 20_000);   // ws"),
        ),
    ),
    "upgrade": Fix(
        "Let the proxy pass the upgrade on, over HTTP/1.1. HAProxy, Caddy and Traefik do so by themselves.",
        (("nginx", _NGINX_UPGRADE),),
    ),
    "http11": Fix(
        "Let every proxy on the way speak HTTP/1.1 to the server; or use TLS, whose bytes old proxies pass on.",
        (("nginx", 'proxy_http_version 1.1;\nproxy_set_header Connection "";'),),
    ),
    "origin": Fix(
        "Compare Origin with the list of your own pages, and answer 403 to all others before the 101.",
        (
            ("tornado", _TORNADO_ORIGIN),
            ("Node", _NODE_ORIGIN),
            ("Spring", _SPRING_ORIGIN),
            ("websockets", 'serve(handler, host, port, origins=["https://app.example", None])'),
            ("HAProxy", "http-request deny if { path_beg /ws } !{ req.hdr(Origin) -m str https://app.example }"),
            (
                "nginx",
                "map $http_origin $foreign {\n    default 1;\n    ''      0;\n    https://app.example 0;\n}\n"
                "location /ws {\n    if ($foreign) { return 403; }\n    # ...\n}",
            ),
        ),
    ),
    "host": Fix(
        "Answer only for the names that are yours: refuse a request whose Host is another one.",
        (
            ("tornado", _TORNADO_HOST),
            ("Node", _NODE_HOST),
            ("nginx", "server {\n    listen 80 default_server;\n    return 444;\n}"),
            ("HAProxy", "http-request deny unless { req.hdr(Host) -m str -i app.example }"),
            ("Caddy", "app.example {\n    reverse_proxy app:8000\n}"),
            ("Traefik", "rule: Host(`app.example`)"),
        ),
    ),
    "cors": Fix(
        "Name the origins that may read the stream, one by one, and send Vary: Origin; never repeat whatever "
        "Origin came while credentials are allowed.",
    ),
    "token": Fix(
        "Send the token in a header or a cookie, or in the first message; where a URL is the only way, let it be a "
        "ticket that works once and for a few seconds.",
    ),
    "login": Fix("Check who asks before the answer's head is sent: 401 without a valid cookie or token."),
    "stream head": Fix(
        "Answer 200 with Content-Type: text/event-stream and Cache-Control: no-store.",
        (("tornado", _TORNADO_STREAM), ("Node", _NODE_STREAM), ("Spring", _SPRING_STREAM)),
    ),
    "serialise": Fix(
        "Write events with a library, or cut each text at CR LF, CR and LF, put data: before each line, end the "
        "block with an empty line, and encode all as UTF-8 without a byte order mark.",
    ),
    "resume": Fix(
        "Give each event an id, keep the last events for a while, and on Last-Event-ID send those that follow it, "
        "in order. A gateway on the way must pass Last-Event-ID on.",
    ),
    "tls": Fix(
        "Serve a certificate that names this host, with the intermediate ones, from an authority that clients "
        "trust, and renew it in time. For a server of your own, name its authority: ca_pem, or --ca-file.",
    ),
    "cleartext": Fix("Serve https and wss, and redirect http to https."),
    "server": Fix("See that the server runs, listens on this address, and is reached through the firewall."),
    "frames": Fix("Use a WebSocket library that passes the Autobahn tests, in a version that is maintained."),
    "cookie": Fix(
        "Set cookies with Secure, HttpOnly and SameSite=Lax or Strict, and with the prefix __Host- if one host is "
        "enough.",
        (
            ("tornado", 'self.set_cookie("session", value, secure=True, httponly=True, samesite="Lax")'),
            (
                "Node",
                'res.cookie("session", value, { secure: true, httpOnly: true, sameSite: "lax" });  // Express',
            ),
            (
                "Spring",
                'ResponseCookie.from("session", value).secure(true).httpOnly(true).sameSite("Lax").build()',
            ),
        ),
    ),
    "limits": Fix(
        "Limit the length of a message as it is put together and restored, the length of a head, and the time for "
        "one; refuse with 1009, 431 and 408.",
        (
            ("tornado", _TORNADO_LIMITS),
            ("websockets", "serve(handler, host, port, max_size=65_536, open_timeout=10)"),
            ("Node", _NODE_LIMITS),
            ("nginx", "client_header_timeout 10s;\nlarge_client_header_buffers 4 8k;"),
            ("HAProxy", "timeout http-request 10s"),
            ("Spring", _SPRING_LIMITS),
        ),
    ),
    "slow reader": Fix(
        "Wait until what was written has left before more is written, and drop a reader that stays behind.",
        (
            (
                "tornado",
                "await self.flush()               # event stream\nawait self.write_message(text)   # WebSocket",
            ),
            ("Node", "if (socket.bufferedAmount > 1_000_000) socket.terminate();   // ws"),
        ),
    ),
    "http2": Fix(
        "Put a server or a proxy that speaks HTTP/2 in front; Caddy and Traefik do so by themselves.",
        (
            ("nginx", "listen 443 ssl http2;"),
            ("HAProxy", "bind :443 ssl crt /etc/haproxy/site.pem alpn h2,http/1.1"),
        ),
    ),
    "deflate": Fix(
        "Where many connections matter more than bytes, switch permessage-deflate off, or agree on "
        "no_context_takeover or smaller windows.",
        (
            ("tornado", "def get_compression_options(self):\n    return None"),
            ("websockets", "serve(handler, host, port, compression=None)"),
        ),
    ),
}
