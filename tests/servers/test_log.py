import asyncio
import logging
import textwrap

from rtlab.servers.log import RingLog

LIBRARIES = ("asyncio", "concurrent.futures", "tornado.access", "tornado.application", "tornado.general")


def texts(lab):
    return [line.text for line in lab.log]


def test_only_the_last_lines_are_kept():
    log = RingLog(capacity=3)
    for number in range(5):
        log.add(str(number), "warning")
    assert [(line.text, line.level) for line in log.lines()] == [(n, "warning") for n in "234"]
    times = [line.at_ns for line in log.lines()]
    assert times == sorted(times)


def test_what_a_library_logs_on_the_loops_thread_goes_to_every_lab_and_nowhere_else(make_lab, on_loop, caplog):
    first, second = make_lab(), make_lab()
    for name in LIBRARIES:
        on_loop(logging.getLogger(name).error, "trouble %d", 7)
    wanted = [f"{name}: trouble 7" for name in LIBRARIES]
    for lab in (first, second):
        assert [text for text in texts(lab) if "trouble" in text] == wanted
        assert {line.level for line in lab.log if "trouble" in line.text} == {"error"}
    assert "trouble" not in caplog.text


def test_other_threads_log_as_before_and_once(make_lab, caplog):
    labs = make_lab(), make_lab()
    logging.getLogger("asyncio").error("mine")
    logging.getLogger("tornado.general").error("mine, too")
    assert [record.getMessage() for record in caplog.records] == ["mine", "mine, too"]
    assert not [text for lab in labs for text in texts(lab) if "mine" in text]


def test_an_exception_that_nobody_catches_on_the_loop_is_kept(make_lab, on_loop, until):
    lab, other = make_lab(), make_lab()
    other.stop()

    def fail():
        raise ZeroDivisionError("nobody catches me")

    on_loop(lambda: asyncio.get_running_loop().call_soon(fail))
    until(lambda: any("nobody catches me" in text for text in texts(lab)))


def test_after_the_last_lab_the_libraries_log_as_before(make_lab, on_loop, caplog):
    make_lab().stop()
    on_loop(logging.getLogger("asyncio").error, "after the lab")
    assert "after the lab" in caplog.text
    assert not any(logging.getLogger(name).filters for name in LIBRARIES)


def test_nothing_is_printed_whatever_the_clients_do(python):
    script = """
        import asyncio, socket
        from rtlab.loop_thread import shared
        from rtlab.servers.lab import start_lab

        def send(lab, data):
            with socket.create_connection(("127.0.0.1", lab.port), timeout=30) as client:
                client.sendall(data)
                try:
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(65536):
                        pass
                except OSError:
                    pass

        async def fail():
            asyncio.get_running_loop().call_soon(lambda: 1 / 0)
            asyncio.ensure_future(asyncio.sleep(0)).add_done_callback(lambda future: 1 / 0)
            await asyncio.sleep(0)

        def broken(data, event=""):
            raise ZeroDivisionError

        plain, tls = start_lab("plain"), start_lab("tls", tls=True)
        plain.server.channel("broken").publish = broken
        for lab in (plain, tls):
            send(lab, b"this is not HTTP\\r\\n\\r\\n")
            send(lab, b"GET / HTTP/1.1\\r\\n\\r\\n")
            send(lab, b"\\x16\\x03\\x01\\x00\\x05hello")
            send(lab, b"POST /publish/broken HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Length: 0\\r\\n\\r\\n")
            send(lab, b"POST /publish/x HTTP/1.1\\r\\nHost: localhost\\r\\nTransfer-Encoding: x\\r\\n\\r\\n")
        shared.call(fail, 30)
        texts = [line.text for line in plain.log]
        assert any("ZeroDivisionError" in text and "callback" in text for text in texts), texts
        assert any(text.startswith("POST /publish/broken 500") for text in texts), texts
        assert any("SSL" in text for text in texts), texts
        plain.stop()
        tls.stop()
    """
    process = python("-c", textwrap.dedent(script))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output, errors) == (0, "", "")
