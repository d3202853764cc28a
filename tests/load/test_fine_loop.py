import asyncio

from rtlab.load.fine_loop import fine_loop


def test_the_loop_has_timers_and_sockets_as_any_other():
    async def work():
        loop = asyncio.get_running_loop()
        heard = loop.create_future()
        loop.call_later(0.001, lambda: None)

        async def serve(reader, writer):
            writer.write(await reader.readexactly(5))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello")
        loop.call_later(0.01, heard.set_result, await reader.read())
        writer.close()
        server.close()
        await server.wait_closed()
        return await asyncio.wait_for(heard, 10)

    with asyncio.Runner(loop_factory=fine_loop) as runner:
        assert runner.run(work()) == b"hello"
        assert runner.run(asyncio.to_thread(lambda: 5)) == 5  # a wake-up from another thread
