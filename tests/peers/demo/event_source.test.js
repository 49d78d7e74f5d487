// The npm package `eventsource`: it reads every event stream of the demo server, and comes through every fault as HTML 9.2
// says an EventSource does.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { EventSource } from 'eventsource'

import { Demo, Queue, until } from './demo.js'

/** The types of all events that the server has. */
const TYPES = ['message', 'price', 'kickoff', 'clock', 'goal', 'final', 'headline', 'observation']

/** An EventSource whose events wait until they are asked for, and which tells what it sent. */
class Listener {
  events = new Queue()
  errors = new Queue()
  opened = 0
  /** The Last-Event-ID of each request so far. */
  lastEventIds = []

  constructor(test, url) {
    this.source = new EventSource(url, {
      fetch: (url, init) => {
        this.lastEventIds.push(init.headers['Last-Event-ID'])
        return fetch(url, init)
      },
    })
    test.after(() => this.source.close())
    for (const type of TYPES) this.source.addEventListener(type, (event) => this.events.push(event))
    this.source.addEventListener('open', () => (this.opened += 1))
    this.source.addEventListener('error', (error) => this.errors.push(error))
  }

  next() {
    return this.events.next('the next event')
  }

  /** The next event's id, as the number that it is. */
  async nextId() {
    return Number((await this.next()).lastEventId)
  }

  error() {
    return this.errors.next('an error')
  }

  /** The error after which an EventSource never comes back. */
  async failure() {
    const error = await this.error()
    assert.equal(this.source.readyState, EventSource.CLOSED, error.message)
    return error
  }
}

test('every event stream is read', async (t) => {
  const demo = await Demo.start(t)
  const shapes = {
    '/events': ['price', ['symbol', 'price', 'volume', 'book', 'sent_at']],
    '/scores': ['clock goal kickoff final', ['match', 'minute', 'home', 'away', 'score', 'sent_at']],
    '/news': ['headline', ['section', 'headline', 'words', 'sent_at']],
    '/weather': ['observation', ['station', 'temperature_c', 'humidity', 'pressure_hpa', 'wind', 'sent_at']],
  }
  for (const [path, [types, fields]] of Object.entries(shapes)) {
    const listener = new Listener(t, demo.http(path))
    let last
    for (let n = 0; n < 3; n += 1) {
      const event = await listener.next()
      assert.ok(types.split(' ').includes(event.type), `${path}: ${event.type}`)
      const data = JSON.parse(event.data)
      for (const field of fields) assert.ok(field in data, `${path}: ${event.data}`)
      assert.equal(String(data.id), event.lastEventId)
      assert.ok(last === undefined || data.id === last + 1, `${path}: ${last}, ${data.id}`)
      last = data.id
    }
    assert.equal(listener.opened, 1)
    listener.source.close()
  }
  const talk = await new Listener(t, demo.http('/talk')).next()
  assert.equal(talk.type, 'message')
  assert.match(talk.data, /^new server event \d{4}-/)
  assert.match(talk.lastEventId, /^\d{4}-/)
})

test('a flood comes whole, and 204 ends it', async (t) => {
  const demo = await Demo.start(t)
  const listener = new Listener(t, demo.http('/flood?n=5000&size=200'))
  for (let id = 1; id <= 5000; id += 1) {
    const event = await listener.next()
    assert.equal(event.lastEventId, String(id))
    assert.equal(event.data.length, 200)
  }
  assert.notEqual((await listener.error()).code, 204, 'the end of the stream comes first')
  // It comes back for more, with the id of the last, and is told that there is none.
  const failure = await listener.failure()
  assert.equal(failure.code, 204)
  assert.deepEqual(listener.lastEventIds, [undefined, '5000'])
  assert.equal(listener.events.length, 0)
})

test('dropped, it comes back with the last event ID and misses nothing', async (t) => {
  const demo = await Demo.start(t)
  const listener = new Listener(t, demo.http('/events'))
  const first = await listener.nextId()
  assert.equal(await listener.nextId(), first + 1)
  await demo.drop()
  await listener.error()
  assert.equal(listener.source.readyState, EventSource.CONNECTING)
  await until(() => listener.opened === 2, 'a second connection')
  const sent = Number(listener.lastEventIds[1])
  assert.ok(sent > first, `Last-Event-ID ${sent}`)
  for (let id = first + 2; id <= sent + 20; id += 1) assert.equal(await listener.nextId(), id)
  assert.equal((await demo.clients()).length, 1)
})

test('refused, it tries until it is let in', async (t) => {
  const demo = await Demo.start(t)
  const listener = new Listener(t, demo.http('/events'))
  let next = (await listener.nextId()) + 1
  await demo.refuse(2)
  // Refusals are for newcomers; whoever is in stays.
  assert.equal(await listener.nextId(), next++)
  const refused = new Listener(t, demo.http('/events'))
  await refused.error()
  assert.equal(refused.source.readyState, EventSource.CONNECTING)
  await refused.next()
  assert.equal(refused.source.readyState, EventSource.OPEN)
})

for (const status of [500, 503, 204]) {
  test(`status ${status} ends it for good`, async (t) => {
    const demo = await Demo.start(t, '--fault', `status-${status}@/events`)
    const listener = new Listener(t, demo.http('/events'))
    assert.equal((await listener.failure()).code, status)
    await new Listener(t, demo.http('/news')).next()
    assert.equal(listener.lastEventIds.length, 1)
  })
}

test('status 500 on the way back ends it, too', async (t) => {
  const demo = await Demo.start(t)
  const listener = new Listener(t, demo.http('/events'))
  await listener.next()
  await demo.fault('status-500', '/events')
  await demo.drop()
  await listener.error()
  assert.equal((await listener.failure()).code, 500)
  assert.equal(listener.opened, 1)
})

test('another content type ends it', async (t) => {
  const demo = await Demo.start(t, '--fault', 'wrong-type')
  const listener = new Listener(t, demo.http('/events'))
  assert.match((await listener.failure()).message, /content type/i)
  assert.equal(listener.opened, 0)
})

test('stalled, it stays open; afterwards everything follows', async (t) => {
  const demo = await Demo.start(t)
  const listener = new Listener(t, demo.http('/events'))
  let next = (await listener.nextId()) + 1
  await demo.fault('stall', '/events')
  // What was on its way arrives. Then nothing does, while scores say that time goes by: one comes every eight ticks.
  const scores = new Listener(t, demo.http('/scores'))
  await scores.next()
  const before = listener.events.length
  for (let n = 0; n < 3; n += 1) await scores.next()
  assert.equal(listener.events.length, before)
  assert.equal(listener.source.readyState, EventSource.OPEN)
  await demo.clear()
  for (let n = 0; n < 30; n += 1) assert.equal(await listener.nextId(), next++)
  assert.equal(listener.opened, 1)
})

test('cut in the middle of an event, that event comes whole after the reconnection', async (t) => {
  const demo = await Demo.start(t, '--fault', 'cut@/events')
  const listener = new Listener(t, demo.http('/events'))
  let next = (await listener.nextId()) + 1
  for (let n = 0; n < 25; n += 1) {
    const event = await listener.next()
    assert.equal(event.lastEventId, String(next))
    assert.equal(JSON.parse(event.data).id, next)
    next += 1
  }
  assert.ok(listener.opened > 1, 'it was cut off')
})

test('byte for byte, it reads the same', async (t) => {
  const demo = await Demo.start(t, '--fault', 'split')
  const listener = new Listener(t, demo.http('/events'))
  let next = (await listener.nextId()) + 1
  for (let n = 0; n < 25; n += 1) assert.equal(await listener.nextId(), next++)
})

test('what is not UTF-8 becomes U+FFFD and nothing is lost', async (t) => {
  const demo = await Demo.start(t, '--fault', 'bad-utf8')
  const listener = new Listener(t, demo.http('/events'))
  let next = (await listener.nextId()) + 1
  for (let n = 0; n < 25; n += 1) {
    const event = await listener.next()
    assert.equal(event.lastEventId, String(next))
    assert.equal(event.data.split('\ufffd').length - 1, next % 10 === 0 ? 1 : 0)
    next += 1
  }
})

test('ids that repeat and ids that are skipped are told as they come', async (t) => {
  const demo = await Demo.start(t)
  for (const [fault, times] of [['repeat-ids', 2], ['skip-ids', 0]]) {
    await demo.fault(fault)
    const listener = new Listener(t, demo.http('/events'))
    const ids = []
    while (ids.length < 30) ids.push(await listener.nextId())
    for (let id = ids[0] + 1; id < ids.at(-1); id += 1) {
      const expected = id % 10 === 0 ? times : 1
      assert.equal(ids.filter((other) => other === id).length, expected, `${fault}: ${id} in ${ids}`)
    }
    listener.source.close()
    await demo.clear()
  }
})

test('delayed, everything arrives', async (t) => {
  const demo = await Demo.start(t, '--fault', 'delay-50')
  const listener = new Listener(t, demo.http('/events'))
  let next = (await listener.nextId()) + 1
  for (let n = 0; n < 10; n += 1) {
    const event = await listener.next()
    assert.equal(event.lastEventId, String(next++))
    assert.ok(Date.now() - Date.parse(JSON.parse(event.data).sent_at) >= 50)
  }
})
