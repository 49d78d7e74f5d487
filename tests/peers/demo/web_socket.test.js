// The npm package `ws`: it reads every WebSocket feed of the demo server, and comes through every fault as RFC 6455 says.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { WebSocket } from 'ws'

import { Demo, Queue, within } from './demo.js'

/** A WebSocket whose messages wait until they are asked for. */
class Client {
  messages = new Queue()
  pongs = new Queue()
  errors = []

  constructor(test, url, options = {}) {
    this.socket = new WebSocket(url, options.subprotocols ?? [], options)
    test.after(() => this.socket.terminate())
    this.opened = new Promise((open) => this.socket.on('open', open))
    /** The code and reason of the close; 1006 where no close frame came. */
    this.closed = new Promise((close) => {
      this.socket.on('close', (code, reason) => close({ code, reason: reason.toString() }))
    })
    /** The HTTP answer, where it is no handshake. */
    this.refused = new Promise((refuse) => {
      this.socket.on('unexpected-response', (_, answer) => {
        refuse(answer)
        answer.resume()
      })
    })
    this.socket.on('error', (error) => this.errors.push(error))
    this.socket.on('message', (data, binary) => this.messages.push({ data, binary }))
    this.socket.on('pong', (data) => this.pongs.push(data.toString()))
  }

  open() {
    return within(this.opened, 'the handshake')
  }

  close() {
    return within(this.closed, 'the close')
  }

  next() {
    return this.messages.next('the next message')
  }

  async json() {
    return JSON.parse((await this.next()).data)
  }

  /** The next notice of this type in a chat. */
  async notice(type) {
    for (;;) {
      const notice = await this.json()
      if (notice.type === type) return notice
    }
  }

  async nextId() {
    return (await this.json()).id
  }
}

test('an echo sends back what came, of either kind and any size', async (t) => {
  const demo = await Demo.start(t)
  const echo = new Client(t, demo.ws('/echo'))
  await echo.open()
  const long = 'grüße 🦀 '.repeat(80_000)
  for (const sent of ['', 'hello', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(65_536), long]) {
    echo.socket.send(sent)
    assert.deepEqual(await echo.next(), { data: Buffer.from(sent), binary: false })
  }
  for (const length of [0, 1, 126, 65_535, 65_536, 1 << 20]) {
    const sent = Buffer.alloc(length, 0xfe)
    echo.socket.send(sent)
    assert.deepEqual(await echo.next(), { data: sent, binary: true })
  }
  // In three frames, a ping between them.
  echo.socket.send('one ', { fin: false })
  echo.socket.ping('between')
  echo.socket.send('two ', { fin: false })
  echo.socket.send('three')
  assert.equal(await echo.pongs.next('the pong'), 'between')
  assert.equal((await echo.next()).data.toString(), 'one two three')
  echo.socket.close(4000, 'enough')
  assert.deepEqual(await echo.close(), { code: 4000, reason: 'enough' })
  assert.deepEqual(echo.errors, [])
})

test('the ticker says the ticks of the event stream', async (t) => {
  const demo = await Demo.start(t)
  const ticker = new Client(t, demo.ws('/ticker'))
  const tick = await ticker.json()
  for (const field of ['symbol', 'price', 'volume', 'book', 'sent_at']) assert.ok(field in tick, field)
  for (let id = tick.id + 1; id < tick.id + 30; id += 1) assert.equal(await ticker.nextId(), id)
  const again = new Client(t, demo.ws(`/ticker?lastEventId=${tick.id}`))
  assert.equal(await again.nextId(), tick.id + 1)
})

test('a flood comes whole and closes with 1000', async (t) => {
  const demo = await Demo.start(t)
  const flood = new Client(t, demo.ws('/flood?n=5000&size=200'))
  for (let id = 1; id <= 5000; id += 1) {
    const { data } = await flood.next()
    assert.equal(data.length, 200)
    assert.equal(JSON.parse(data).id, id)
  }
  assert.equal((await flood.close()).code, 1000)
})

test('a chat passes on who comes, what is said, and who leaves', async (t) => {
  const demo = await Demo.start(t)
  const ada = new Client(t, demo.ws('/chat?room=tea&name=ada'))
  assert.equal((await ada.notice('welcome')).you, 'ada')
  const grace = new Client(t, demo.ws('/chat?room=tea&name=grace'))
  await grace.notice('welcome')
  assert.equal((await ada.notice('join')).name, 'grace')
  grace.socket.send('good evening')
  const { from, text } = await ada.notice('message')
  assert.deepEqual([from, text], ['grace', 'good evening'])
  grace.socket.close(1000)
  assert.equal((await grace.close()).code, 1000)
  assert.equal((await ada.notice('leave')).name, 'grace')
  ada.socket.send('help')
  let said
  do said = await ada.notice('message')
  while (said.from !== 'bot')
  ada.socket.send(Buffer.alloc(3))
  assert.match((await ada.notice('error')).text, /text/)
})

test('a message too long is closed with 1009, and text that is not UTF-8 with 1007', async (t) => {
  const demo = await Demo.start(t)
  const long = new Client(t, demo.ws('/chat'))
  await long.open()
  long.socket.send('x'.repeat(100_000))
  assert.equal((await long.close()).code, 1009)
  const wrong = new Client(t, demo.ws('/echo'))
  await wrong.open()
  wrong.socket.send(Buffer.from([0x61, 0xff]), { binary: false })
  assert.equal((await wrong.close()).code, 1007)
})

test('a subprotocol is agreed on where one is asked for', async (t) => {
  const demo = await Demo.start(t)
  const asked = new Client(t, demo.ws('/echo?subprotocol=b'), { subprotocols: ['a', 'b'] })
  await asked.open()
  assert.equal(asked.socket.protocol, 'b')
  // No feed here wants one; `ws` insists where the RFC lets a client go on.
  const none = new Client(t, demo.ws('/echo'), { subprotocols: ['a'] })
  assert.equal((await none.close()).code, 1006)
  assert.match(none.errors[0].message, /no subprotocol/)
})

test('dropped, it ends without a close frame, and the next connection goes on', async (t) => {
  const demo = await Demo.start(t)
  const ticker = new Client(t, demo.ws('/ticker'))
  const first = await ticker.nextId()
  await demo.drop()
  assert.equal((await ticker.close()).code, 1006)
  const again = new Client(t, demo.ws(`/ticker?lastEventId=${first}`))
  for (let id = first + 1; id < first + 20; id += 1) assert.equal(await again.nextId(), id)
})

test('refused, it is told so; whoever is in stays', async (t) => {
  const demo = await Demo.start(t)
  const inside = new Client(t, demo.ws('/ticker'))
  await inside.open()
  await demo.refuse(30)
  const outside = new Client(t, demo.ws('/ticker'))
  assert.equal((await outside.close()).code, 1006)
  assert.equal(outside.errors[0].code, 'ECONNREFUSED')
  await inside.next()
})

for (const status of [500, 503, 204]) {
  test(`status ${status} is no handshake`, async (t) => {
    const demo = await Demo.start(t, '--fault', `status-${status}@/ticker`)
    const answer = await within(new Client(t, demo.ws('/ticker')).refused, 'an HTTP answer')
    assert.equal(answer.statusCode, status)
    assert.equal(answer.headers['retry-after'], status === 503 ? '2' : undefined)
    await new Client(t, demo.ws('/echo')).open()
  })
}

test('another content type is nothing to a WebSocket', async (t) => {
  const demo = await Demo.start(t, '--fault', 'wrong-type')
  await new Client(t, demo.ws('/ticker')).next()
})

test('stalled, it stays open and answers no ping; afterwards everything follows', async (t) => {
  const demo = await Demo.start(t)
  const ticker = new Client(t, demo.ws('/ticker'))
  let next = (await ticker.nextId()) + 1
  await demo.fault('stall', '/ticker')
  // What was on its way arrives. Then nothing does, while an echo says that time goes by.
  const echo = new Client(t, demo.ws('/echo'))
  await echo.open()
  const before = ticker.messages.length
  ticker.socket.ping('anybody?')
  for (let n = 0; n < 20; n += 1) {
    echo.socket.send(String(n))
    await echo.next()
  }
  assert.ok(ticker.messages.length <= before + 1, 'at most the one that was on its way')
  assert.equal(ticker.pongs.length, 0)
  assert.equal(ticker.socket.readyState, WebSocket.OPEN)
  await demo.clear()
  for (let n = 0; n < 30; n += 1) assert.equal(await ticker.nextId(), next++)
  assert.equal(await ticker.pongs.next('the pong'), 'anybody?')
})

test('cut in the middle of a frame, the message never comes', async (t) => {
  const demo = await Demo.start(t, '--fault', 'cut@/ticker')
  const ticker = new Client(t, demo.ws('/ticker'))
  const { code } = await ticker.close()
  assert.equal(code, 1006)
  assert.ok(ticker.messages.length > 0)
  while (ticker.messages.length > 0) assert.ok((await ticker.nextId()) > 0, 'every message is whole')
})

test('byte for byte, it reads the same', async (t) => {
  const demo = await Demo.start(t, '--fault', 'split')
  const ticker = new Client(t, demo.ws('/ticker'))
  let next = (await ticker.nextId()) + 1
  for (let n = 0; n < 25; n += 1) assert.equal(await ticker.nextId(), next++)
})

test('what is not UTF-8 fails the connection with 1007', async (t) => {
  const demo = await Demo.start(t, '--fault', 'bad-utf8')
  const ticker = new Client(t, demo.ws('/ticker'))
  await ticker.close()
  // What it then sends is 1007; what it reports is that no close frame came, for it reads no further.
  assert.equal(ticker.errors[0].code, 'WS_ERR_INVALID_UTF8')
  while (ticker.messages.length > 0) assert.notEqual((await ticker.nextId()) % 10, 0)
})

test('ids that repeat and ids that are skipped are told as they come', async (t) => {
  const demo = await Demo.start(t)
  for (const [fault, times] of [['repeat-ids', 2], ['skip-ids', 0]]) {
    await demo.fault(fault)
    const ticker = new Client(t, demo.ws('/ticker'))
    const ids = []
    while (ids.length < 30) ids.push(await ticker.nextId())
    for (let id = ids[0] + 1; id < ids.at(-1); id += 1) {
      const expected = id % 10 === 0 ? times : 1
      assert.equal(ids.filter((other) => other === id).length, expected, `${fault}: ${id} in ${ids}`)
    }
    await demo.clear()
  }
})

test('delayed, everything arrives', async (t) => {
  const demo = await Demo.start(t, '--fault', 'delay-50')
  const ticker = new Client(t, demo.ws('/ticker'))
  let next = (await ticker.nextId()) + 1
  for (let n = 0; n < 10; n += 1) {
    const tick = await ticker.json()
    assert.equal(tick.id, next++)
    assert.ok(Date.now() - Date.parse(tick.sent_at) >= 50)
  }
})
