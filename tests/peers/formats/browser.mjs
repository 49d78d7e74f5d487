// Opens a page with a socket and an event stream in Chromium, and has Playwright record it.
//   node browser.mjs CHROMIUM EVENTS SOCKET OUT

import { chromium } from 'playwright-core';

const [executablePath, events, url, path] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const context = await browser.newContext({ recordHar: { path } });
const page = await context.newPage();
// The page of the demo server may read both feeds.
await page.goto(new URL('/', events).href, { waitUntil: 'commit' });
await page.evaluate(async ([events, url]) => {
  const stream = new EventSource(events);
  const socket = new WebSocket(url);
  let received = 0;
  await new Promise(done => {
    socket.onerror = done;
    socket.onmessage = () => { if (++received === 5) done(); };
  });
  stream.close();
  socket.close();
}, [events, url]);
await context.close();
await browser.close();
