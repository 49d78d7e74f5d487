// The demo server as a program of its own, and its /control. Knows no client.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Longest that anything here may take: only a server that hangs comes near it. */
const DEADLINE_MS = 20_000

/** Time between two looks at something that nobody announces. */
const LOOK_MS = 10

/** Resolves as `promise` does, or fails after the deadline with a sentence that names what did not happen. */
export async function within(promise, what) {
  let timer
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`did not happen in time: ${what}`)), DEADLINE_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Waits until `holds` returns something true, and returns it. */
export async function until(holds, what) {
  const end = Date.now() + DEADLINE_MS
  for (;;) {
    const result = await holds()
    if (result) return result
    if (Date.now() > end) throw new Error(`did not happen in time: ${what}`)
    await new Promise((done) => setTimeout(done, LOOK_MS))
  }
}

/** What came and has not been taken yet, in order. */
export class Queue {
  #items = []
  #wake = () => {}

  push(item) {
    this.#items.push(item)
    this.#wake()
  }

  /** How many have not been taken. */
  get length() {
    return this.#items.length
  }

  async next(what) {
    while (this.#items.length === 0) {
      await within(new Promise((wake) => (this.#wake = wake)), what)
    }
    return this.#items.shift()
  }
}

/** A running demo server, ended with its test. */
export class Demo {
  #child
  #urls

  /** Starts the program that FEEDSCOPE_DEMO names. Five ticks a second would make for slow tests; it takes fifty. */
  static async start(test, ...args) {
    const demo = new Demo()
    const program = process.env.FEEDSCOPE_DEMO
    if (!program) throw new Error('FEEDSCOPE_DEMO names no demo server; run tests/peers.sh')
    demo.#child = spawn(program, ['--tick-ms', '20', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    test.after(() => demo.stop())
    demo.#urls = []
    const lines = createInterface({ input: demo.#child.stdout })
    await within(
      new Promise((printed, fail) => {
        lines.on('line', (line) => {
          demo.#urls.push(line)
          if (line.includes('/control?token=')) printed()
        })
        demo.#child.on('exit', (status) => fail(new Error(`the demo server ended with status ${status}`)))
        demo.#child.on('error', fail)
      }),
      'the demo server prints its URLs',
    )
    return demo
  }

  /** Where an event stream is. */
  http(path) {
    return new URL(path, this.#urls.find((url) => url.startsWith('http:'))).href
  }

  /** Where a WebSocket feed is. */
  ws(path) {
    return new URL(path, this.#urls.find((url) => url.startsWith('ws:'))).href
  }

  /** Orders a fault for the feeds at `path`, or for all. */
  async fault(name, path) {
    await this.#order({ do: 'fault', name, ...(path && { feed: path }) })
  }

  /** Ends all faults. */
  async clear() {
    await this.#order({ do: 'clear' })
  }

  /** Cuts every connection: the one that orders it, too, so there is no answer to wait for. */
  async drop() {
    await this.#order({ do: 'drop' }).catch(() => {})
  }

  /** Has new connections refused. */
  async refuse(seconds) {
    await this.#order({ do: 'refuse', seconds })
  }

  /** Who reads the feeds. */
  async clients() {
    const answer = await fetch(this.#urls.at(-1))
    return (await answer.json()).clients
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill()
    await within(ended, 'the demo server ends')
  }

  async #order(words) {
    const url = new URL(this.#urls.at(-1))
    for (const [name, value] of Object.entries(words)) url.searchParams.set(name, value)
    const answer = await fetch(url, { method: 'POST' })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status}: ${text}`)
  }
}
