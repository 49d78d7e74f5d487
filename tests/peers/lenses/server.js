// Servers of the npm packages `socket.io` and `graphql-ws`, whose frames the lenses read. Prints their ports as one line of
// JSON.
//
//   node server.js INTERVAL_MS LIMIT_MS

import { createServer } from 'node:http'

import { GraphQLInt, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'

const [interval, limit] = process.argv.slice(2).map(Number)

const listening = (server) =>
  new Promise((open) => server.listen(0, '127.0.0.1', () => open(server.address().port)))

const forSocketIo = createServer()
const io = new Server(forSocketIo, { pingInterval: interval, pingTimeout: limit })
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

console.log(JSON.stringify({ socketIo: await listening(forSocketIo), graphql: await listening(forGraphql) }))
// The test closes standard input when it ends, even if it was killed.
process.stdin.resume().on('end', () => process.exit())
