// EventSource and WebSocket as browsers have them; Node.js has both built in.
const count = Number(process.env.COUNT);

// Node's EventSource does not keep the process alive while it waits to come back.
const alive = setInterval(() => {}, 1000);

const ids = await new Promise((done) => {
  const seen = [];
  const source = new EventSource(process.env.LAB_EVENTS_URL);
  source.onmessage = (event) => {
    seen.push(event.lastEventId);
    if (seen.length < count) return;
    source.close();
    done(seen);
  };
});

const echoed = await new Promise((done, failed) => {
  let came = 0;
  const socket = new WebSocket(process.env.LAB_ECHO_URL);
  socket.onopen = () => {
    for (let n = 1; n <= count; n++) socket.send(`text ${n}`);
  };
  socket.onmessage = (event) => {
    if (event.data === `text ${came + 1}`) came++;
    if (came === count) socket.close(1000);
  };
  socket.onerror = failed;
  socket.onclose = () => done(came);
});

console.log(JSON.stringify({ ids, echoed }));
clearInterval(alive);
