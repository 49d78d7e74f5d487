// Reads an event stream by npm's `eventsource` and a socket by npm's `ws` for a time, and prints what arrived and when.
//   node serve.mjs EVENTS SOCKET SECONDS TYPE...

import { EventSource } from 'eventsource';
import { WebSocket } from 'ws';

const [events, socket, seconds, ...types] = process.argv.slice(2);
const found = { events: [], messages: [], close: null };
const now = () => performance.now() / 1000;
const stream = new EventSource(events);
for (const type of types) {
  stream.addEventListener(type, ({ lastEventId, data }) => found.events.push([now(), type, lastEventId, data]));
}
const client = new WebSocket(socket);
client.on('message', (data, isBinary) => found.messages.push([now(), isBinary ? data.toString('base64') : data.toString()]));
client.on('close', code => { found.close = code; });
await new Promise(done => setTimeout(done, seconds * 1000));
stream.close();
client.terminate();
console.log(JSON.stringify(found));
