// The learner's page as an instrument. It opens native EventSource, WebSocket and fetch on command, and reports every
// event with the page's clock. Commands and reports travel over one WebSocket to the lab, `/page`: a kernel that is
// busy with a cell answers no question of the page, but its lab does.
//
// The same file runs in a notebook's output (render) and on a bare page that the lab serves itself (startAlone).

const GREETING_MS = 2500;
const AGAIN_MS = [0, 300, 1000, 2000, 4000, 8000];
const MAX_PROXIED_STREAMS = 4; // a browser has six connections to the notebook server, and JupyterLab needs two
const MAX_WEBSOCKETS = 200; // Chromium has some 255 for all pages together, those of JupyterLab included
const MAX_REPORTED = 65536;
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

const now = () => performance.timeOrigin + performance.now();
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// All widgets of a page share its limits.
const open = (globalThis.__rtlabOpen ??= { streams: 0, sockets: 0 });

function take(name, limit, why) {
  if (open[name] >= limit) throw Object.assign(new Error(why), { kind: "limit" });
  open[name] += 1;
  let held = true;
  return () => {
    if (held) open[name] -= 1;
    held = false;
  };
}

// Where the notebook server is: JupyterLab and Notebook tell it in a script element or on the body.
function serverUrl() {
  const config = document.getElementById("jupyter-config-data");
  const base = config ? JSON.parse(config.textContent).baseUrl : document.body.dataset.baseUrl;
  return base ? new URL(base, location.origin).href : null;
}

// A page from this machine tries the lab's own port first. Any other page tries the notebook server first: there the
// lab's port would be one of the learner's machine, and the browser might ask for a permission.
function routesTo({ http, only }) {
  const server = serverUrl();
  const routes = [{ name: "direct", http, reach: (url) => url }];
  if (server) {
    const through = (url) => {
      const { protocol, port, pathname, search } = new URL(url);
      if (protocol === "https:") throw new Error("The notebook server's proxy does not reach a lab with TLS.");
      return `${server}proxy/${port}${pathname}${search}`;
    };
    const proxy = { name: "proxy", http: through(http).replace(/\/$/, ""), reach: through };
    if (LOOPBACK.includes(location.hostname)) routes.push(proxy);
    else routes.unshift(proxy);
  }
  return only ? routes.filter((route) => route.name === only) : routes;
}

// The first word on the line proves that this is the lab, and not whatever else listens on that port.
function openLine(route, { desk, proof }) {
  return new Promise((resolve, reject) => {
    const line = new WebSocket(`${route.http.replace(/^http/, "ws")}/page?desk=${desk}`);
    const give_up = (why) => {
      clearTimeout(timer);
      line.onmessage = line.onclose = null;
      line.close();
      reject(new Error(why));
    };
    const timer = setTimeout(() => give_up("no answer"), GREETING_MS);
    line.onclose = () => give_up("no connection");
    line.onmessage = ({ data }) => {
      if (JSON.parse(data).proof !== proof) return give_up("somebody else");
      clearTimeout(timer);
      line.onmessage = line.onclose = null;
      resolve(line);
    };
  });
}

function toBase64(buffer) {
  const bytes = new Uint8Array(buffer, 0, Math.min(buffer.byteLength, MAX_REPORTED));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

async function describeData(data) {
  if (typeof data === "string") {
    return { form: "text", size_bytes: new TextEncoder().encode(data).length, data: data.slice(0, MAX_REPORTED) };
  }
  const buffer = data instanceof Blob ? await data.arrayBuffer() : data;
  return { form: data.constructor.name, size_bytes: buffer.byteLength, base64: toBase64(buffer) };
}

async function hasInWorker(names) {
  const source = `postMessage(${JSON.stringify(names)}.filter((name) => typeof self[name] !== "undefined"))`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    const worker = new Worker(url);
    const found = new Promise((done) => (worker.onmessage = ({ data }) => done(data)));
    const refused = new Promise((done) => (worker.onerror = () => done(null)));
    return await Promise.race([found, refused, wait(2000).then(() => null)]).finally(() => worker.terminate());
  } finally {
    URL.revokeObjectURL(url);
  }
}

async function permission(name) {
  try {
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return null; // this browser has no such permission
  }
}

// What the kernel may ask for. Each verb gets the page and its arguments; what it gives back is the answer, with the
// time at which the page began.
const VERBS = {
  async facts(page) {
    const names = ["EventSource", "WebSocket", "WebSocketStream", "WebTransport", "ReadableStream", "SharedWorker"];
    const asked = ["local-network-access", "loopback-network", "local-network"];
    return {
      ...page.facts(),
      has: names.filter((name) => typeof globalThis[name] !== "undefined"),
      has_in_worker: await hasInWorker(names),
      permissions: Object.fromEntries(await Promise.all(asked.map(async (name) => [name, await permission(name)]))),
    };
  },

  // Timers are what a browser slows down in a page that nobody sees.
  async ticks(page, { interval_ms, count, for_ms = Infinity }) {
    const { line } = page; // once it is cut, nobody waits for the ticks
    const began_ms = now();
    const ticks = [];
    const shown = [[began_ms, document.visibilityState]];
    const look = () => shown.push([now(), document.visibilityState]);
    document.addEventListener("visibilitychange", look);
    await new Promise((done) => {
      const timer = setInterval(() => {
        ticks.push([now(), document.visibilityState]);
        if (ticks.length >= count || now() - began_ms >= for_ms || page.line !== line) {
          clearInterval(timer);
          done();
        }
      }, interval_ms);
    });
    document.removeEventListener("visibilitychange", look);
    return { ticks, shown };
  },

  // Opens a tab in front of a page that nobody looks at, for some time; browsers refuse that to other pages.
  async cover(page, { cover_ms }) {
    const tab = globalThis.open("about:blank");
    if (!tab) return { covered: false };
    await wait(cover_ms);
    tab.close();
    return { covered: true };
  },

  // A WebSocketStream lets its script wait for the browser: each pair tells when how many bytes were handed over.
  async stream_writes(page, { url, size_bytes, count, watch_ms }) {
    const began_ms = now();
    const handed = [[0, 0]];
    const heard = [];
    const stream = new WebSocketStream(page.reach(url).replace(/^http/, "ws"));
    stream.closed.catch(() => {}); // opened tells the same failure
    const late = wait(watch_ms).then(() => "late");
    try {
      const { readable, writable } = await stream.opened;
      const writer = writable.getWriter();
      const reader = readable.getReader();
      reader.read().then(() => heard.push(now()), () => {});
      const data = new Uint8Array(size_bytes);
      for (let number = 1; number <= count; number += 1) {
        if ((await Promise.race([writer.ready, late])) === "late") break;
        writer.write(data).catch(() => {});
        handed.push([now() - began_ms, number * size_bytes]);
      }
      await Promise.race([writer.ready, late]);
      handed.push([now() - began_ms, handed.at(-1)[1]]);
    } finally {
      stream.close();
    }
    return { handed, heard };
  },

  // Tries to connect inside a frame whose content security policy comes with it.
  async under_policy(page, { policy, url, wait_ms }) {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    const script = `
      const say = (what) => parent.postMessage(what, "*");
      addEventListener("securitypolicyviolation", (event) => say({ violated: event.effectiveDirective }));
      try {
        const socket = new WebSocket(${JSON.stringify(page.reach(url).replace(/^http/, "ws"))});
        socket.onopen = () => say({ outcome: "opens" });
        socket.onclose = (event) => say({ outcome: "fails, " + event.code });
      } catch (error) {
        say({ outcome: "throws " + error.name });
      }`;
    frame.srcdoc = `<meta http-equiv="Content-Security-Policy" content="${policy}"><script>${script}</script>`;
    const found = { outcome: "no event", violated: "" };
    let hear;
    const answered = new Promise((done) => {
      hear = ({ source, data }) => {
        if (source !== frame.contentWindow) return;
        Object.assign(found, data);
        if (data.outcome) setTimeout(done, 100); // the violation may be told after the failure
      };
    });
    globalThis.addEventListener("message", hear);
    document.body.append(frame);
    await Promise.race([answered, wait(wait_ms)]);
    globalThis.removeEventListener("message", hear);
    frame.remove();
    return found;
  },

  open_event_source(page, { connection, url, types, with_credentials, init }) {
    const free = page.takeStream();
    let source;
    try {
      source = new EventSource(page.reach(url), { withCredentials: with_credentials, ...init });
    } catch (error) {
      free();
      throw error;
    }
    const note = (kind, more) => page.note(connection, kind, { state: source.readyState, ...more });
    source.onopen = () => note("open");
    source.onerror = () => {
      note("error");
      if (source.readyState === EventSource.CLOSED) {
        free();
        page.forget(connection);
      }
    };
    for (const type of new Set(["message", ...types])) {
      source.addEventListener(type, (event) => {
        // An error of the transport is an event named "error", too, but it carries no data.
        if (event.data !== undefined) note("message", { type, id: event.lastEventId, ...textOf(event.data) });
      });
    }
    page.keep(connection, source, () => {
      source.close();
      free();
      note("closed");
      page.forget(connection);
    });
    return { state: source.readyState };
  },

  open_websocket(page, { connection, url, protocols, binary_type }) {
    const free = take("sockets", MAX_WEBSOCKETS, `This page already has ${MAX_WEBSOCKETS} WebSockets.`);
    let socket;
    try {
      socket = new WebSocket(page.reach(url).replace(/^http/, "ws"), protocols);
    } catch (error) {
      free();
      throw error;
    }
    socket.binaryType = binary_type;
    const note = (kind, more, at_ms) =>
      page.note(connection, kind, { state: socket.readyState, buffered_bytes: socket.bufferedAmount, ...more }, at_ms);
    let order = Promise.resolve(); // a Blob is read later; its message must not be overtaken
    socket.onopen = () => note("open", { protocol: socket.protocol, extensions: socket.extensions });
    socket.onmessage = ({ data }) => {
      const at_ms = now();
      order = order.then(async () => note("message", await describeData(data), at_ms));
    };
    socket.onerror = () => note("error");
    socket.onclose = ({ code, reason, wasClean }) => {
      free();
      const at_ms = now();
      order = order.then(() => {
        note("close", { code, reason, was_clean: wasClean }, at_ms);
        page.forget(connection);
      });
    };
    page.keep(connection, socket, () => socket.close());
    return { state: socket.readyState };
  },

  // Sends one message or many, and watches how much the browser still holds back.
  async send(page, { connection, text, base64, size_bytes, count, watch_ms }) {
    const { thing: socket } = page.kept(connection);
    const data = text ?? (base64 === null ? new Uint8Array(size_bytes) : fromBase64(base64));
    const began_ms = now();
    const look = () => [now() - began_ms, socket.bufferedAmount];
    const buffered = [look()];
    for (let number = 0; number < count; number += 1) {
      socket.send(data);
      buffered.push(look());
    }
    while (socket.bufferedAmount && socket.readyState === WebSocket.OPEN && now() - began_ms < watch_ms) {
      await wait(10);
      buffered.push(look());
    }
    return { buffered };
  },

  close(page, { connection, code, reason }) {
    const kept = page.kept(connection);
    if (code === null) kept.close();
    else kept.thing.close(code, reason);
    return {};
  },

  // What no event has told yet.
  look(page, { connection }) {
    return { state: page.kept(connection).thing.readyState ?? null };
  },

  open_fetch(page, { connection, url, method, headers, body, with_credentials }) {
    const free = page.takeStream();
    const stop = new AbortController();
    const note = (kind, more) => page.note(connection, kind, more);
    page.keep(connection, stop, () => stop.abort());
    (async () => {
      try {
        const credentials = with_credentials ? "include" : "same-origin";
        const wanted = { method, headers, body, credentials, signal: stop.signal, cache: "no-store" };
        const answer = await fetch(page.reach(url), wanted);
        note("open", { status: answer.status, headers: [...answer.headers] });
        const reader = answer.body.getReader();
        const decoder = new TextDecoder();
        for (let part = await reader.read(); !part.done; part = await reader.read()) {
          const data = decoder.decode(part.value, { stream: true });
          note("chunk", { size_bytes: part.value.length, data: data.slice(0, MAX_REPORTED) });
        }
        note("end");
      } catch (error) {
        note("error", { reason: `${error.name}: ${error.message}` });
      } finally {
        free();
        page.forget(connection);
      }
    })();
    return {};
  },
};

function textOf(data) {
  return { form: "text", size_bytes: new TextEncoder().encode(data).length, data: data.slice(0, MAX_REPORTED) };
}

export class Page {
  constructor(address, show = () => {}) {
    this.address = address;
    this.show = show;
    this.open = new Map();
    this.route = null;
    this.line = null;
    this.closed = false;
    this.looking = false;
    this.hide = () => this.closeAll();
    this.front = () => {
      if (document.visibilityState !== "visible") return;
      this.say({ front: true });
      if (!this.line) this.connect([0]); // a computer that slept may have given up
    };
    document.addEventListener("visibilitychange", this.front);
    globalThis.addEventListener("focus", this.front);
    globalThis.addEventListener("pagehide", this.hide);
    this.connect();
  }

  facts() {
    return {
      agent: navigator.userAgent,
      origin: location.origin,
      secure: isSecureContext,
      visible: document.visibilityState === "visible",
      route: this.route?.name,
    };
  }

  async connect(pauses_ms = AGAIN_MS) {
    if (this.looking) return;
    this.looking = true;
    const found = await this.look(pauses_ms);
    this.looking = false;
    if (found && this.closed) found.line.close();
    else if (found) this.begin(found.line, found.route);
    else if (!this.closed) this.show("No lab answers. Is the kernel running? Run the cell again.");
  }

  async look(pauses_ms) {
    for (const pause_ms of pauses_ms) {
      await wait(pause_ms);
      for (const route of routesTo(this.address)) {
        if (this.closed) return null;
        const line = await openLine(route, this.address).catch(() => null);
        if (line) return { line, route };
      }
      this.show("No lab answers yet.");
    }
    return null;
  }

  begin(line, route) {
    this.line = line;
    this.route = route;
    line.onmessage = ({ data }) => this.obey(JSON.parse(data));
    line.onclose = () => {
      this.line = null;
      this.closeAll(); // what it opened was for a kernel that no longer listens
      this.show("The lab does not answer any more.");
      if (!this.closed) this.connect();
    };
    this.say({ hello: this.facts() });
    this.tell();
  }

  async obey({ ask, verb, ...wanted }) {
    const at_ms = now();
    try {
      this.say({ reply: ask, result: { at_ms, ...(await VERBS[verb](this, wanted)) } });
    } catch (error) {
      this.say({ reply: ask, error: `${error.message}`, kind: error.kind ?? error.name });
    }
    this.tell();
  }

  reach(url) {
    return this.route.reach(new URL(url, `${this.address.http}/`).href);
  }

  takeStream() {
    if (this.route.name === "direct") return () => {};
    const why = `Through the notebook server a page gets ${MAX_PROXIED_STREAMS} streams; more would freeze JupyterLab.`;
    return take("streams", MAX_PROXIED_STREAMS, why);
  }

  keep(connection, thing, close) {
    this.open.set(connection, { thing, close });
  }

  forget(connection) {
    this.open.delete(connection);
    this.tell();
  }

  kept(connection) {
    const kept = this.open.get(connection);
    if (!kept) throw Object.assign(new Error("This connection is not open in the page any more."), { kind: "gone" });
    return kept;
  }

  note(connection, kind, more, at_ms = now()) {
    this.say({ connection, kind, at_ms, ...more });
    if (kind !== "message" && kind !== "chunk") this.tell();
  }

  say(message) {
    if (this.line?.readyState === WebSocket.OPEN) this.line.send(JSON.stringify(message));
  }

  tell() {
    if (!this.line) return;
    const way = this.route.name === "direct" ? "directly" : "through the notebook server's proxy";
    const count = this.open.size;
    this.show(`This page reaches the lab ${way}; ${count} connection${count === 1 ? " is" : "s are"} open.`);
  }

  closeAll() {
    for (const { close } of this.open.values()) close();
    this.open.clear();
    this.tell();
  }

  close() {
    this.closed = true;
    document.removeEventListener("visibilitychange", this.front);
    globalThis.removeEventListener("focus", this.front);
    globalThis.removeEventListener("pagehide", this.hide);
    this.closeAll();
    this.line?.close();
  }
}

// Several views of one widget are one page; when the last one goes, for its output was cleared, all is closed.
// Each view gets a model of its own from anywidget, so the desk's secret tells which views belong together.
const shown = new Map();

function render({ model, el }) {
  const status = document.createElement("span");
  const button = document.createElement("button");
  status.setAttribute("role", "status");
  button.type = "button";
  button.textContent = "Close all connections";
  el.classList.add("rtlab-page");
  el.replaceChildren(status, button);

  const address = model.get("_address");
  let shared = shown.get(address.desk);
  if (!shared) {
    shared = { views: new Set(), text: "Looking for the lab." };
    shown.set(address.desk, shared);
    shared.page = new Page(address, (text) => {
      shared.text = text;
      for (const view of shared.views) view.textContent = text;
    });
  }
  shared.views.add(status);
  status.textContent = shared.text;
  button.onclick = () => shared.page.closeAll();
  return () => {
    shared.views.delete(status);
    if (shared.views.size) return;
    shown.delete(address.desk);
    shared.page.close();
  };
}

// A bare page that the lab serves, for a browser that is driven by the kernel. The secret stands behind the #, so
// that it is in no request.
export function startAlone(status) {
  const [desk, proof] = location.hash.slice(1).split(".");
  const address = { http: location.origin, desk, proof, only: "direct" };
  return new Page(address, (text) => (status.textContent = text));
}

export default { render };
