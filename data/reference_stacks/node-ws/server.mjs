import { createServer } from "node:http";
import { setTimeout as until } from "node:timers/promises";
import { createSession } from "better-sse";
import { WebSocketServer } from "ws";

async function events(request, response, query) {
  const count = Math.min(Number(query.get("count") ?? 100), 1_000_000);
  const rate = Number(query.get("rate_per_s") ?? 10);
  let first = 1;
  // resume begins
  const last = request.headers["last-event-id"];
  if (/^\d{1,9}$/.test(last)) first = Number(last) + 1;
  if (first > count) return response.writeHead(204).end();
  // resume ends
  const session = await createSession(request, response, { retry: 300, keepAlive: null });
  const begin = performance.now();
  for (let n = first; n <= count; n++) {
    if (rate > 0) await until(begin + ((n - first) * 1000) / rate - performance.now());
    if (!session.isConnected) return;
    session.push({ n }, "message", String(n));
    if (response.writableNeedDrain) await new Promise((done) => response.once("drain", done).once("close", done));
  }
  response.end();
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  if (url.pathname === "/events") return events(request, response, url.searchParams);
  response.writeHead(404).end();
});

new WebSocketServer({ server, path: "/echo", maxPayload: 1_048_576 }).on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("error", () => {}); // a broken rule; ws closes the connection by itself
});

server.listen(Number(process.env.PORT), "127.0.0.1");
