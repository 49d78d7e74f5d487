// Two servers that end the connection of a client that does not keep to the protocol: Socket.IO of the npm package, and
// SignalR's JSON protocol as its document describes it. Prints their ports as one line of JSON.
//
//   node server.js INTERVAL_MS LIMIT_MS

import { createServer } from 'node:http'

import { Server } from 'socket.io'
import { WebSocketServer } from 'ws'

const [interval, limit] = process.argv.slice(2).map(Number)

/** Character that ends each message of SignalR. */
const END = '\u001e'

const listening = (server) =>
  new Promise((open) => server.listen(0, '127.0.0.1', () => open(server.address().port)))

const forSocketIo = createServer()
const io = new Server(forSocketIo, { pingInterval: interval, pingTimeout: limit, connectTimeout: limit })
io.on('connection', (socket) => {
  let number = 0
  const timer = setInterval(() => socket.emit('price', { number: ++number }), interval)
  socket.on('disconnect', () => clearInterval(timer))
})

const forSignalR = createServer()
new WebSocketServer({ server: forSignalR }).on('connection', (socket) => {
  const send = (message) => socket.send(JSON.stringify(message) + END)
  // A client that is silent for longer than the limit is given up.
  const giveUp = () => {
    send({ type: 7, error: 'Connection closed: the client timed out.' })
    socket.close()
  }
  let silence = setTimeout(giveUp, limit)
  let number = 0
  let timer
  socket.on('message', (data) => {
    clearTimeout(silence)
    silence = setTimeout(giveUp, limit)
    for (const text of data.toString().split(END).slice(0, -1)) {
      const message = JSON.parse(text)
      if (message.protocol === 'json' && message.version === 1) {
        send({})
        timer = setInterval(() => send({ type: 1, target: 'price', arguments: [++number] }), interval)
      } else if (message.type !== 6) {
        send({ type: 7, error: 'Connection closed: an unexpected message.' })
        socket.close()
      }
    }
  })
  socket.on('close', () => {
    clearInterval(timer)
    clearTimeout(silence)
  })
})

console.log(JSON.stringify({ socketIo: await listening(forSocketIo), signalR: await listening(forSignalR) }))
// The test closes standard input when it ends, even if it was killed.
process.stdin.resume().on('end', () => process.exit())
