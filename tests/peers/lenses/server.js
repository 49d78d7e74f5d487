// Servers whose frames the lenses read: those of the npm packages `socket.io` and `graphql-ws`, and two that keep to the
// documents of SignalR's JSON protocol and of Phoenix's channels. Prints their ports as one line of JSON.
//
//   node server.js INTERVAL_MS LIMIT_MS
//
// INTERVAL_MS is between the pings of the first two servers, and LIMIT_MS is their patience. The other two end a client that
// is silent for 30 and for 60 seconds, as the real ones do.

import { createServer } from 'node:http'

import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'

const [interval, limit] = process.argv.slice(2).map(Number)

/** Character that ends each message of SignalR. */
const END = '\u001e'

const listening = (server) =>
  new Promise((open) => server.listen(0, '127.0.0.1', () => open(server.address().port)))

/** Calls `giveUp` when nothing has arrived for this time. */
const watch = (socket, patience, giveUp) => {
  let silence = setTimeout(giveUp, patience)
  socket.on('message', () => {
    clearTimeout(silence)
    silence = setTimeout(giveUp, patience)
  })
  socket.on('close', () => clearTimeout(silence))
}

// Engine.IO 3 is the protocol of older clients, which send the pings.
const forSocketIo = createServer()
const io = new Server(forSocketIo, { pingInterval: interval, pingTimeout: limit, allowEIO3: true })
io.on('connection', (socket) => socket.emit('greeting', 'hello'))
io.of('/admin').on('connection', (socket) => {
  socket.on('add', (one, other, answer) => answer(one + other))
  socket.on('photo', (answer) => {
    answer('sent')
    socket.emit('photo', { name: 'a', bytes: Buffer.from([1, 2, 3]) }, Buffer.from([4]))
  })
})
io.of('/secret').use((socket, next) => next(new Error('not authorized')))

async function* count() {
  for (let number = 1; number <= 3; number += 1) yield { count: number }
}

const type = GraphQLInt
const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { one: { type, resolve: () => 1 } } }),
  subscription: new GraphQLObjectType({ name: 'Subscription', fields: { count: { type, subscribe: count } } }),
})
const forGraphql = createServer()
useServer({ schema }, new WebSocketServer({ server: forGraphql }), interval)

// The hub protocol of ASP.NET Core, by its document: a handshake, calls with a completion, and pings of both sides.
const forSignalR = createServer()
new WebSocketServer({ server: forSignalR }).on('connection', (socket) => {
  const send = (message) => socket.send(JSON.stringify(message) + END)
  const giveUp = () => {
    send({ type: 7, error: 'Connection closed: the client timed out.' })
    socket.close()
  }
  watch(socket, 30_000, giveUp)
  const pings = setInterval(() => send({ type: 6 }), 15_000)
  socket.on('close', () => clearInterval(pings))
  socket.on('message', (data) => {
    for (const text of data.toString().split(END).slice(0, -1)) {
      const { protocol, type, invocationId, target, arguments: given } = JSON.parse(text)
      if (protocol === 'json') {
        send({})
        socket.send([{ type: 1, target: 'price', arguments: [101.5] }, { type: 6 }].map((it) => JSON.stringify(it) + END).join(''))
      } else if (type === 1 && target === 'Add') {
        send({ type: 3, invocationId, result: given[0] + given[1] })
      } else if (type === 1) {
        send({ type: 3, invocationId, error: `Unknown hub method '${target}'` })
      } else if (type !== 6) {
        giveUp()
      }
    }
  })
})

// Phoenix's channels in version 2 of their protocol, by its document.
const forPhoenix = createServer()
new WebSocketServer({ server: forPhoenix }).on('connection', (socket) => {
  watch(socket, 60_000, () => socket.close())
  socket.on('message', (data) => {
    const [join, ref, topic, event] = JSON.parse(data.toString())
    const reply = (status, response) =>
      socket.send(JSON.stringify([join, ref, topic, 'phx_reply', { status, response }]))
    if (event === 'phx_join' && topic === 'room:secret') reply('error', { reason: 'unauthorized' })
    else reply('ok', {})
    if (event === 'phx_join' && topic === 'room:lobby') socket.send(JSON.stringify([join, null, topic, 'new_msg', { body: 'hi' }]))
  })
})

const ports = {
  socketIo: await listening(forSocketIo),
  graphql: await listening(forGraphql),
  signalR: await listening(forSignalR),
  phoenix: await listening(forPhoenix),
}
console.log(JSON.stringify(ports))
// The test closes standard input when it ends, even if it was killed.
process.stdin.resume().on('end', () => process.exit())
