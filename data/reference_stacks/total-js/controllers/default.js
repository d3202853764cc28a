const { setTimeout: until } = require("node:timers/promises");

exports.install = function () {
  ROUTE("GET /events", events);
  ROUTE("SOCKET /echo", echo, ["raw"], 1040); // in KiB, with the frame's header
};

async function events() {
  const self = this;
  const count = Math.min(Number(self.query.count ?? 100), 1_000_000);
  const rate = Number(self.query.rate_per_s ?? 10);
  let first = 1;
  // resume begins
  const last = self.req.headers["last-event-id"];
  if (/^\d{1,9}$/.test(last)) first = Number(last) + 1;
  if (first > count) {
    self.status = 204;
    return self.plain("");
  }
  // resume ends
  const begin = performance.now();
  for (let n = first; n <= count && self.isConnected; n++) {
    if (rate > 0) await until(begin + ((n - first) * 1000) / rate - performance.now());
    self.sse({ n }, "", String(n), n === first ? 300 : 0);
    if (self.res.writableNeedDrain) await new Promise((done) => self.res.once("drain", done).once("close", done));
  }
  self.close();
}

function echo() {
  const self = this;
  self.autodestroy();
  self.on("message", (client, message) => client.send(message));
}
