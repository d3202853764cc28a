// The event stream with nothing but Node's own http module. A WebSocket server is not built in.
import { createServer } from "node:http";
import { once } from "node:events";
import { setTimeout as until } from "node:timers/promises";

async function events(request, response, query) {
  const count = Math.min(Number(query.get("count") ?? 100), 1_000_000);
  const rate = Number(query.get("rate_per_s") ?? 10);
  let first = 1;
  // resume begins
  const last = request.headers["last-event-id"];
  if (/^\d{1,9}$/.test(last)) first = Number(last) + 1;
  if (first > count) return response.writeHead(204).end();
  // resume ends
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-cache" });
  response.write("retry: 300\n\n");
  const begin = performance.now();
  for (let n = first; n <= count && !response.destroyed; n++) {
    if (rate > 0) await until(begin + ((n - first) * 1000) / rate - performance.now());
    const more = response.write(`id: ${n}\ndata: ${JSON.stringify({ n })}\n\n`);
    if (!more) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}

createServer((request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  if (url.pathname === "/events") return events(request, response, url.searchParams);
  response.writeHead(url.pathname === "/echo" ? 501 : 404).end();
}).listen(Number(process.env.PORT), "127.0.0.1");
