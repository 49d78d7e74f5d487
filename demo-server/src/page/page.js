// The demo page: the browser's own EventSource and WebSocket beside each other. All tabs of the page share one
// WebSocket: the tab that holds a Web Lock holds the connection and passes everything on over a BroadcastChannel; when
// it closes, the lock goes to the next tab, which connects.
"use strict";

const wsPort = document.body.dataset.wsPort;
const MOST_LINES = 200;
const byId = (id) => document.getElementById(id);

const states = { events: "connecting", chat: "connecting" };
let stopped = false;

function setState(feed, state) {
  states[feed] = state;
  const element = byId(`${feed}-state`);
  element.dataset.state = state;
  element.textContent = state;
  if (stopped) return;
  if (states.events === "open" && states.chat === "open") {
    announce("Connections to the server established..");
  } else if (Object.values(states).includes("reconnecting")) {
    announce("A connection was lost. Trying again…");
  }
}

function announce(sentence) {
  const element = byId("announcement");
  if (element.textContent !== sentence) element.textContent = sentence;
}

// --- Server-Sent Events: connects, reads, reconnects and resumes by itself. ---

let source = null;
let lastId = null;
const counts = { events: 0, lost: 0, reconnects: 0 };
const rows = new Map();

function listen() {
  setState("events", "connecting");
  source = new EventSource("/events");
  source.onopen = () => setState("events", "open");
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) {
      setState("events", "failed");
    } else {
      if (states.events === "open") count("reconnects", 1);
      setState("events", "reconnecting");
    }
  };
  source.addEventListener("price", (event) => {
    const id = Number(event.lastEventId);
    if (lastId !== null && id > lastId + 1) count("lost", id - lastId - 1);
    lastId = id;
    count("events", 1);
    showPrice(JSON.parse(event.data));
  });
}

function count(name, more) {
  counts[name] += more;
  byId(`events-${name}`).textContent = counts[name].toLocaleString("en-US");
}

function showPrice(tick) {
  let row = rows.get(tick.symbol);
  if (!row) {
    const tr = document.createElement("tr");
    const th = document.createElement("th");
    th.scope = "row";
    th.textContent = tick.symbol;
    tr.append(th);
    const cells = [0, 1, 2].map(() => tr.appendChild(document.createElement("td")));
    row = { cells, price: tick.price };
    rows.set(tick.symbol, row);
    const later = [...rows.keys()].sort().indexOf(tick.symbol);
    byId("prices").insertBefore(tr, byId("prices").children[later] ?? null);
  }
  const [price, volume, id] = row.cells;
  const change = tick.price - row.price;
  const sign = change > 0 ? "▲" : change < 0 ? "▼" : " ";
  price.textContent = `${sign} ${tick.price.toFixed(2)}`;
  price.className = change > 0 ? "up" : change < 0 ? "down" : "";
  volume.textContent = tick.volume.toLocaleString("en-US");
  id.textContent = tick.id;
  row.price = tick.price;
}

byId("stop").addEventListener("click", () => {
  stopped = true;
  source.close();
  setState("events", "closed");
  announce("Listening to server events stopped..");
  byId("stop").hidden = true;
  byId("listen").hidden = false;
  byId("listen").focus();
});

byId("listen").addEventListener("click", () => {
  stopped = false;
  // What was said while nobody listened is not lost: nobody wanted it.
  lastId = null;
  listen();
  byId("listen").hidden = true;
  byId("stop").hidden = false;
  byId("stop").focus();
});

// --- WebSocket: one for all tabs. ---

const channel = new BroadcastChannel(`feedscope-demo-${wsPort}`);
let socket = null;
let leads = false;
let me = "";
let welcome = null;
let recent = [];
let waiting = [];

function connect(attempt) {
  setChatState(attempt === 0 ? "connecting" : "reconnecting");
  socket = new WebSocket(`ws://${location.hostname}:${wsPort}/chat`);
  let wait = attempt;
  socket.onopen = () => {
    wait = 0;
    setChatState("open");
    socket.send("Hello Server!");
    for (const text of waiting.splice(0)) socket.send(text);
  };
  socket.onmessage = (event) => {
    hear(event.data);
    channel.postMessage({ heard: event.data });
  };
  socket.onclose = () => {
    setChatState("reconnecting");
    const delay = Math.min(30000, 1000 * 2 ** wait) * (1 + Math.random() / 4);
    setTimeout(() => connect(wait + 1), delay);
  };
}

function setChatState(state) {
  setState("chat", state);
  if (leads) channel.postMessage({ state });
}

function send(text) {
  if (!leads) {
    channel.postMessage({ send: text });
  } else if (socket?.readyState === WebSocket.OPEN) {
    socket.send(text);
  } else {
    waiting.push(text);
  }
}

function hear(text) {
  const message = JSON.parse(text);
  if (message.type === "welcome") {
    me = message.you;
    welcome = text;
    recent = [];
    byId("lines").replaceChildren();
    show("notice", `You are ${message.you} in ${message.room}, ${message.online} are here.`);
    return;
  }
  recent.push(text);
  if (recent.length > MOST_LINES) recent.shift();
  const telling = {
    history: () => message.messages.forEach((line) => say(line)),
    message: () => say(message),
    join: () => show("notice", `${message.name} has joined.`),
    leave: () => show("notice", `${message.name} has left.`),
    nick: () => {
      if (message.from === me) me = message.to;
      show("notice", `${message.from} is now ${message.to}.`);
    },
    who: () => show("notice", `Here are ${message.members.join(", ")}.`),
    error: () => show("notice", message.text),
  };
  telling[message.type]?.();
}

function say(line) {
  show(line.from === me ? "mine" : "", line.text, line.from);
}

function show(kind, text, from) {
  const lines = byId("lines");
  const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 30;
  const item = document.createElement("li");
  item.className = kind;
  if (from) {
    const name = document.createElement("span");
    name.className = "from";
    name.textContent = from;
    item.append(name);
  }
  item.append(text);
  lines.append(item);
  while (lines.children.length > MOST_LINES) lines.firstChild.remove();
  if (atEnd) lines.scrollTop = lines.scrollHeight;
}

channel.onmessage = ({ data }) => {
  if (leads) {
    if (data.send !== undefined) send(data.send);
    if (data.hello) channel.postMessage({ state: states.chat, welcome, recent });
    return;
  }
  if (data.welcome) {
    hear(data.welcome);
    data.recent.forEach(hear);
  }
  if (data.heard !== undefined) hear(data.heard);
  if (data.state) {
    setState("chat", data.state);
    byId("chat-role").textContent = "shared by another tab";
  }
};

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = byId("message");
  if (input.value.trim() === "") return;
  send(input.value);
  input.value = "";
});

channel.postMessage({ hello: true });
navigator.locks.request(`feedscope-demo-${wsPort}`, () => {
  leads = true;
  byId("chat-role").textContent = "this tab holds the connection";
  connect(0);
  // Held until the tab closes.
  return new Promise(() => {});
});
listen();
