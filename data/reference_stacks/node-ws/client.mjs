// The clients that Node.js programs used before theirs were built in.
import { EventSource } from "eventsource";
import { WebSocket } from "ws";

const count = Number(process.env.COUNT);

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
