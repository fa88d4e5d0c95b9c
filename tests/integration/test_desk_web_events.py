"""Open pages learn at once what is out of date, and never hold up the controller's end."""

import asyncio
import threading

import httpx
import pytest

from controller.changes import TOPICS, Changes
from tests.desk_office import CREDENTIALS, arrived, served
from tests.parts import PATIENCE


def test_whoever_starts_to_listen_is_told_everything_at_once():
    async def listening():
        return await anext(Changes().listen())

    assert asyncio.run(listening()) == TOPICS


def test_what_another_thread_publishes_is_heard():
    changes = Changes()

    async def listening():
        stream = changes.listen()
        await anext(stream)
        thread = threading.Thread(target=changes.publish, args=("board",))
        thread.start()
        word = await anext(stream)
        thread.join()
        await stream.aclose()
        return word

    assert asyncio.run(listening()) == ("board",)


def test_a_slow_listener_loses_nothing_and_is_told_no_word_twice():
    changes = Changes()

    async def listening():
        stream = changes.listen()
        await anext(stream)
        for _ in range(1000):
            changes.publish("board")
            changes.publish("visits")
        words = await anext(stream)
        changes.publish("help", "log")
        return [words, await anext(stream)]

    assert asyncio.run(listening()) == [("board", "visits"), ("help", "log")]


def test_every_listener_is_told():
    changes = Changes()

    async def listening():
        streams = [changes.listen() for _ in range(3)]
        for stream in streams:
            await anext(stream)
        changes.publish("passes")
        return [await anext(stream) for stream in streams]

    assert asyncio.run(listening()) == [("passes",)] * 3


@pytest.mark.parametrize("when", ["before", "after"])
def test_closing_ends_every_listener_present_and_future(when):
    changes = Changes()

    async def listening():
        if when == "before":
            changes.close()
            return [what async for what in changes.listen()]
        stream = changes.listen()
        first = await anext(stream)
        changes.close()
        return [first] + [what async for what in stream]

    assert asyncio.run(listening()) == [TOPICS]


def test_publishing_to_a_page_whose_loop_is_gone_is_harmless():
    changes = Changes()
    loop = asyncio.new_event_loop()
    stream = changes.listen()
    loop.run_until_complete(anext(stream))
    loop.close()
    changes.publish("board")
    changes.close()


@pytest.fixture
def address(core):
    with served(core) as address:
        yield address


@pytest.fixture
def client(address):
    with httpx.Client(base_url=address, timeout=PATIENCE) as signed_in:
        signed_in.post("/api/session", json=CREDENTIALS).raise_for_status()
        yield signed_in


def words(response):
    return (
        line.removeprefix("data: ").split()
        for line in response.iter_lines()
        if line.startswith("data")
    )


def test_the_stream_tells_an_open_page_what_happened(client, core):
    with client.stream("GET", "/api/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        told = words(response)
        assert next(told) == list(TOPICS)
        client.post("/api/board/reminders", json={"content": {"text": "請關燈"}})
        assert next(told) == ["board"]
        arrived(core, "王小明")
        assert next(told) == ["visits"]


def test_the_stream_is_only_for_who_is_signed_in(address):
    answer = httpx.get(f"{address}/api/events", timeout=PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in_first")


def test_an_open_page_does_not_hold_up_the_controllers_end(core, caplog):
    opened, ended = threading.Event(), threading.Event()

    def watch(client):
        with client.stream("GET", "/api/events") as response:
            opened.set()
            for _ in response.iter_lines():
                pass
        ended.set()

    with httpx.Client(timeout=PATIENCE) as client:
        with served(core) as address:
            client.base_url = address
            client.post("/api/session", json=CREDENTIALS).raise_for_status()
            page = threading.Thread(target=watch, args=(client,))
            page.start()
            assert opened.wait(PATIENCE)
        # The server has stopped, and the page's stream came to its proper end.
        page.join(PATIENCE)
    assert ended.is_set()
    assert "Cancel" not in caplog.text
    assert "Traceback" not in caplog.text


def test_a_page_that_is_left_while_it_is_told_of_changes_is_no_fault(core, caplog):
    with served(core) as address, httpx.Client(base_url=address, timeout=PATIENCE) as client:
        client.post("/api/session", json=CREDENTIALS).raise_for_status()
        for _ in range(30):
            with client.stream("GET", "/api/events"):
                pass
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
