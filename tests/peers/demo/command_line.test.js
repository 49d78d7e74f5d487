// `curl -N` and `websocat`: what somebody at a prompt sees of the demo server. Where websocat is missing, its tests say so
// and are left out.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { test } from 'node:test'

import { Demo, Queue, within } from './demo.js'

/** A client that runs, line by line. */
class Running {
  lines = new Queue()

  constructor(test, program, ...args) {
    this.child = spawn(program, args)
    test.after(() => this.child.kill('SIGKILL'))
    createInterface({ input: this.child.stdout }).on('line', (line) => this.lines.push(line))
    this.complaints = ''
    this.child.stderr.on('data', (text) => (this.complaints += text))
    this.ended = new Promise((end, fail) => {
      this.child.on('close', (status) => end(status))
      this.child.on('error', fail)
    })
  }

  say(line) {
    this.child.stdin.write(`${line}\n`)
  }

  next() {
    return this.lines.next('the next line')
  }

  /** The next line that matches, and what its first group holds. */
  async find(pattern) {
    for (;;) {
      const found = pattern.exec(await this.next())
      if (found) return found[1]
    }
  }

  /** The exit status. */
  end() {
    return within(this.ended, 'its end')
  }
}

// curl's exit statuses, from its manual.
const OK = 0
const REFUSED = 7
const PARTIAL = 18
const STATUS = 22
const NO_TLS = 35

function curl(test, ...args) {
  return new Running(test, 'curl', '--silent', '--show-error', '--no-buffer', '--noproxy', '*', ...args)
}

test('curl -N shows every event stream at once', async (t) => {
  const demo = await Demo.start(t)
  for (const path of ['/talk', '/events', '/scores', '/news', '/weather', '/flood']) {
    const feed = curl(t, demo.http(path))
    await feed.find(/^id: (.+)/)
    assert.ok(await feed.find(/^data: (.+)/))
    feed.child.kill()
  }
  const old = curl(t, '--http1.0', demo.http('/events'))
  await old.find(/^data: (.+)/)
})

test('curl tells where a flood ends', async (t) => {
  const demo = await Demo.start(t)
  const flood = curl(t, demo.http('/flood?n=3&size=40'))
  assert.equal(await flood.end(), OK)
  const lines = []
  while (flood.lines.length > 0) lines.push(await flood.next())
  assert.equal(lines.filter((line) => line.startsWith('id: ')).length, 3)
  const last = curl(t, '--header', 'Last-Event-ID: 3', '--write-out', '%{http_code}', demo.http('/flood?n=3'))
  assert.equal(await last.end(), OK)
  assert.equal(await last.next(), '204')
})

test('curl sees every fault', async (t) => {
  const demo = await Demo.start(t)
  const cut = curl(t, demo.http('/events'))
  await cut.find(/^id: (.+)/)
  await demo.drop()
  assert.equal(await cut.end(), PARTIAL, cut.complaints)

  await demo.fault('cut')
  assert.equal(await curl(t, demo.http('/events')).end(), PARTIAL)
  await demo.clear()

  for (const [fault, status] of [['status-500', '500'], ['status-503', '503']]) {
    await demo.fault(fault)
    const refused = curl(t, '--fail', '--write-out', '%{http_code} %header{retry-after}', demo.http('/events'))
    assert.equal(await refused.end(), STATUS)
    assert.equal((await refused.next()).trimEnd(), status === '503' ? '503 2' : '500')
    await demo.clear()
  }

  await demo.fault('wrong-type')
  const head = curl(t, '--head', '--write-out', '%{content_type}', demo.http('/events'))
  assert.equal(await head.end(), OK)
  assert.ok(await head.find(/^(text\/html)$/))
  await demo.clear()

  for (const fault of ['split', 'delay-20', 'repeat-ids', 'skip-ids', 'bad-utf8']) {
    await demo.fault(fault)
    const feed = curl(t, demo.http('/events'))
    for (let n = 0; n < 3; n += 1) await feed.find(/^data: (.+)/)
    feed.child.kill()
    await demo.clear()
  }

  await demo.fault('stall', '/events')
  const stalled = curl(t, demo.http('/events'))
  const scores = curl(t, demo.http('/scores'))
  for (let n = 0; n < 3; n += 1) await scores.find(/^id: (.+)/)
  assert.equal(stalled.lines.length, 0)
  await demo.clear()
  await stalled.find(/^id: (.+)/)

  await demo.refuse(30)
  assert.equal(await curl(t, demo.http('/events')).end(), REFUSED)
})

test('who speaks TLS to it is told at once that it does not', async (t) => {
  const demo = await Demo.start(t)
  for (const url of [demo.http('/events'), demo.ws('/echo').replace('ws:', 'http:')]) {
    const start = Date.now()
    const tls = curl(t, '--insecure', url.replace('http:', 'https:'))
    assert.equal(await tls.end(), NO_TLS, tls.complaints)
    assert.ok(Date.now() - start < 2_000, `after ${Date.now() - start} ms`)
  }
})

const websocat = process.env.FEEDSCOPE_WEBSOCAT || 'websocat'
const missing = spawnSync(websocat, ['--version']).status === 0 ? false : 'websocat is missing'

test('websocat reads every WebSocket feed', { skip: missing }, async (t) => {
  const demo = await Demo.start(t)
  const echo = new Running(t, websocat, '--text', demo.ws('/echo'))
  for (const line of ['hello', 'grüße']) {
    echo.say(line)
    assert.equal(await echo.next(), line)
  }
  echo.child.stdin.end()
  assert.equal(await echo.end(), 0)

  const ticker = new Running(t, websocat, '--text', demo.ws('/ticker'))
  const id = async () => JSON.parse(await ticker.next()).id
  const first = await id()
  for (let n = 1; n < 20; n += 1) assert.equal(await id(), first + n)

  const chat = new Running(t, websocat, '--text', demo.ws('/chat?name=cat'))
  assert.equal(JSON.parse(await chat.next()).you, 'cat')
  chat.say('meow')
  assert.ok(await chat.find(/("text":"meow")/))

  const flood = new Running(t, websocat, '--text', '--exit-on-eof', demo.ws('/flood?n=1000&size=80'))
  assert.equal(await flood.end(), 0)
  assert.equal(flood.lines.length, 1000)
})

test('websocat sees every fault', { skip: missing }, async (t) => {
  const demo = await Demo.start(t)
  const listen = (path) => new Running(t, websocat, '--text', '--exit-on-eof', demo.ws(path))
  const dropped = listen('/ticker')
  await dropped.next()
  await demo.drop()
  await dropped.end()

  for (const fault of ['split', 'delay-20', 'repeat-ids', 'skip-ids', 'wrong-type']) {
    await demo.fault(fault)
    const feed = listen('/ticker')
    for (let n = 0; n < 12; n += 1) assert.ok(JSON.parse(await feed.next()).id)
    feed.child.kill()
    await demo.clear()
  }

  for (const fault of ['status-500', 'status-503', 'status-204']) {
    await demo.fault(fault)
    const refused = listen('/ticker')
    assert.notEqual(await refused.end(), 0)
    assert.match(refused.complaints, /status/i)
    await demo.clear()
  }

  // What it was sent whole it has printed whole; the rest it leaves.
  for (const fault of ['cut', 'bad-utf8']) {
    await demo.fault(fault)
    const broken = listen('/ticker')
    await broken.end()
    while (broken.lines.length > 0) assert.ok(JSON.parse(await broken.next()).id)
    await demo.clear()
  }

  await demo.fault('stall', '/ticker')
  const stalled = listen('/ticker')
  const scores = curl(t, demo.http('/scores'))
  for (let n = 0; n < 3; n += 1) await scores.find(/^id: (.+)/)
  assert.equal(stalled.lines.length, 0)
  await demo.clear()
  assert.ok(JSON.parse(await stalled.next()).id)

  await demo.refuse(30)
  assert.notEqual(await listen('/ticker').end(), 0)
})
