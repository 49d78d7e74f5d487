"""A hub of `aiosignalr`, which checks its own server against ASP.NET Core. Prints its port, and ends with standard input.

It sends JSON as binary messages, and ends a client that neither calls nor pings for the limit in seconds.
"""

import asyncio
import sys

from aiosignalr.server import Hub, ServerOptions, SignalRServer


class Prices(Hub):
    # Without the type of its result, the call has none.
    async def add(self, one: int, other: int) -> int:
        await self.clients.caller.send("price", {"symbol": "ACME", "price": 101.5})
        return one + other

    async def count(self, end):
        for number in range(end):
            yield number


async def main():
    limit = float(sys.argv[1])
    options = ServerOptions(keep_alive_interval=limit / 4, client_timeout_interval=limit)
    server = SignalRServer(Prices, options=options)
    _host, port = await server.serve("127.0.0.1", 0, path="/hub")
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.close()


asyncio.run(main())
