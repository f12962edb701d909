"""The smallest server that python-hl7 makes: read a message, answer with its own acknowledgement. It stores nothing."""

import asyncio
import sys

from hl7.mllp import start_hl7_server


async def converse(reader, writer):
    try:
        while not writer.is_closing():
            message = await reader.readmessage()
            writer.writemessage(message.create_ack())
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass  # the device hung up
    finally:
        writer.close()


async def main():
    server = await start_hl7_server(converse, host="127.0.0.1", port=int(sys.argv[1]), encoding="utf-8", limit=1 << 20)
    async with server:
        await server.serve_forever()


asyncio.run(main())
