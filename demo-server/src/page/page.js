// The demo page: the browser's own EventSource and WebSocket beside each other. All tabs of the page share one
// WebSocket: the tab that holds a Web Lock holds the connection and passes everything on over a BroadcastChannel; when
// it closes, the lock goes to the next tab, which connects.
"use strict";

const MOST_ROWS = 200;
const wsPort = document.body.dataset.wsPort;
const byId = (id) => document.getElementById(id);

// --- What both have: a state, a sentence about them, rows. ---

const states = { events: "connecting", chat: "connecting" };

function setState(feed, state) {
  states[feed] = state;
  byId(`${feed}-state`).dataset.state = state;
  byId(`${feed}-state`).textContent = state;
  announce(...sentence());
}

function sentence() {
  const some = (state) => Object.values(states).includes(state);
  if (states.events === "closed") return ["closed", "Listening to server events stopped.."];
  if (some("failed")) return ["failed", "The server does not offer its events now."];
  if (some("reconnecting")) return ["reconnecting", "A connection was lost. Trying again…"];
  if (some("connecting")) return ["connecting", "Connecting to the server…"];
  return ["open", "Connections to the server established.."];
}

function announce(state, text) {
  const element = byId("announcement");
  element.dataset.state = state;
  // Said again, a screen reader would read it again.
  if (element.textContent !== text) element.textContent = text;
}

function cell(name, text) {
  const span = document.createElement("span");
  span.className = name;
  span.textContent = text;
  return span;
}

// A list that follows its newest row until the reader scrolls up, and again when the reader is back at the end.
function rowsOf(id) {
  const list = byId(id);
  let following = true;
  // Where the list was last: another place now is the reader's doing, and may be seen before its event comes.
  let place = 0;
  const look = () => {
    if (list.scrollTop === place) return;
    place = list.scrollTop;
    following = list.scrollHeight - place - list.clientHeight < 30;
  };
  const follow = () => {
    if (!following) return;
    list.scrollTop = list.scrollHeight;
    place = list.scrollTop;
  };
  list.addEventListener("scroll", look);
  new ResizeObserver(() => {
    look();
    follow();
  }).observe(list);
  return {
    add(kind, ...content) {
      look();
      const item = document.createElement("li");
      item.className = kind;
      item.append(...content);
      list.append(item);
      while (list.children.length > MOST_ROWS) list.firstChild.remove();
      follow();
    },
    clear() {
      list.replaceChildren();
      following = true;
      place = 0;
    },
  };
}

// --- Server-Sent Events: the browser connects, reads, reconnects and resumes by itself. ---

let source = null;
let lastId = null;
const counts = { count: 0, lost: 0, repeated: 0, reconnects: 0 };
const prices = new Map();
const events = rowsOf("events");

function listen() {
  setState("events", "connecting");
  offer("stop");
  source = new EventSource("/events");
  source.onopen = () => setState("events", "open");
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) {
      // The server has answered, but not with events: the browser does not try again.
      setState("events", "failed");
      offer("listen");
    } else {
      if (states.events === "open") count("reconnects", 1);
      setState("events", "reconnecting");
    }
  };
  source.addEventListener("price", hearPrice);
}

function hearPrice(event) {
  const id = Number(event.lastEventId);
  count("count", 1);
  if (lastId !== null && id > lastId + 1) count("lost", id - lastId - 1);
  if (lastId !== null && id <= lastId) count("repeated", 1);
  lastId = Math.max(id, lastId ?? id);
  showPrice(JSON.parse(event.data));
  const time = new Date();
  const clock = time.toLocaleTimeString("en-GB") + "." + String(time.getMilliseconds()).padStart(3, "0");
  events.add(
    "",
    cell("time", clock), cell("arrow", "⬇"), cell("type", event.type), cell("id", event.lastEventId), cell("data", event.data),
  );
}

function count(name, more) {
  counts[name] += more;
  byId(`events-${name}`).textContent = counts[name].toLocaleString("en-US");
}

function showPrice(tick) {
  const row = prices.get(tick.symbol) ?? addPrice(tick);
  const change = tick.price - row.price;
  row.price = tick.price;
  const sign = change > 0 ? "▲ " : change < 0 ? "▼ " : "";
  const [price, volume, id] = row.cells;
  price.textContent = sign + tick.price.toFixed(2);
  price.className = change > 0 ? "up" : change < 0 ? "down" : "";
  volume.textContent = tick.volume.toLocaleString("en-US");
  id.textContent = tick.id;
}

// A row of the table, in its place by the alphabet.
function addPrice({ symbol, price }) {
  const tr = document.createElement("tr");
  const th = tr.appendChild(document.createElement("th"));
  th.scope = "row";
  th.textContent = symbol;
  const cells = [0, 1, 2].map(() => tr.appendChild(document.createElement("td")));
  const row = { cells, price };
  prices.set(symbol, row);
  const place = [...prices.keys()].sort().indexOf(symbol);
  byId("prices").insertBefore(tr, byId("prices").children[place] ?? null);
  return row;
}

// Shows one of the two buttons. The focus goes along, so that it is never lost.
function offer(name) {
  const other = name === "stop" ? "listen" : "stop";
  const focused = document.activeElement === byId(other);
  byId(name).hidden = false;
  byId(other).hidden = true;
  if (focused) byId(name).focus();
}

byId("stop").addEventListener("click", () => {
  source.close();
  setState("events", "closed");
  offer("listen");
});

byId("listen").addEventListener("click", () => {
  // What was said while nobody listened is not lost: nobody wanted it.
  lastId = null;
  listen();
});

// --- WebSocket: one for all tabs. ---

const channel = new BroadcastChannel(`feedscope-demo-${wsPort}`);
const myTab = crypto.randomUUID();
let socket = null;
// Whether this tab holds the connection.
let leads = false;
let me = "";
// What a tab that comes later has to be told: the welcome, and what was heard since.
let welcome = null;
let recent = [];
// What this tab wants sent as soon as the connection is open.
let waiting = [];
const lines = rowsOf("lines");

function connect(attempt) {
  setChatState(attempt === 0 ? "connecting" : "reconnecting");
  socket = new WebSocket(`ws://${location.hostname}:${wsPort}/chat`);
  let failures = attempt;
  socket.onopen = () => {
    failures = 0;
    socket.send("Hello Server!");
    setChatState("open");
  };
  socket.onmessage = ({ data }) => {
    hear(data);
    channel.postMessage({ heard: data });
  };
  socket.onclose = () => {
    setChatState("reconnecting");
    // A WebSocket does not come back by itself: after 1 s, then twice as long each time, never all clients at once.
    const delay = Math.min(30000, 1000 * 2 ** failures) * (1 + Math.random() / 4);
    setTimeout(() => connect(failures + 1), delay);
  };
}

function setChatState(state) {
  setState("chat", state);
  if (leads) channel.postMessage({ state });
  sendWaiting();
}

function send(text) {
  waiting.push(text);
  sendWaiting();
}

// Every tab keeps its own messages until the connection is open, so that none goes when another tab closes.
function sendWaiting() {
  if (states.chat === "open" && (!leads || socket.readyState === WebSocket.OPEN)) {
    for (const text of waiting.splice(0)) {
      if (leads) socket.send(text);
      else channel.postMessage({ send: text });
    }
  }
  const one = waiting.length === 1;
  byId("chat-waiting").textContent =
    waiting.length === 0 ? "" : `${waiting.length} message${one ? " waits" : "s wait"} to be sent`;
}

function hear(text) {
  const message = JSON.parse(text);
  if (message.type === "welcome") {
    me = message.you;
    welcome = text;
    recent = [];
    lines.clear();
    notice(`You are ${message.you} in ${message.room}, ${message.online} are here.`);
    return;
  }
  recent.push(text);
  if (recent.length > MOST_ROWS) recent.shift();
  const telling = {
    history: () => message.messages.forEach(say),
    message: () => say(message),
    join: () => notice(`${message.name} has joined.`),
    leave: () => notice(`${message.name} has left.`),
    nick: () => {
      if (message.from === me) me = message.to;
      notice(`${message.from} is now ${message.to}.`);
    },
    who: () => notice(`Here are ${message.members.join(", ")}.`),
    error: () => notice(message.text),
  };
  telling[message.type]?.();
}

function say({ from, text }) {
  lines.add(from === me ? "mine" : "", cell("from", from), text);
}

function notice(text) {
  lines.add("notice", text);
}

channel.onmessage = ({ data }) => {
  if (leads) {
    if (data.send !== undefined) send(data.send);
    if (data.newcomer) channel.postMessage({ to: data.newcomer, state: states.chat, welcome, recent });
    return;
  }
  if (data.to !== undefined && data.to !== myTab) return;
  if (data.welcome) [data.welcome, ...data.recent].forEach(hear);
  if (data.heard !== undefined) hear(data.heard);
  if (data.state) {
    byId("chat-role").textContent = "shared by another tab";
    setChatState(data.state);
  }
};

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = byId("message");
  if (input.value.trim() === "") return;
  send(input.value);
  input.value = "";
});

channel.postMessage({ newcomer: myTab });
navigator.locks.request(`feedscope-demo-${wsPort}`, () => {
  leads = true;
  byId("chat-role").textContent = "this tab holds the connection";
  connect(0);
  // Held until the tab closes.
  return new Promise(() => {});
});
listen();
