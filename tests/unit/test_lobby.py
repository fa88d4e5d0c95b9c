"""The launcher's judgement, without what it launches."""

import signal

import pytest
from pydantic import BaseModel, field_serializer

from controller.lobby import AskedToClose, CloseRequests

ALL = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def requests():
    before = {number: signal.getsignal(number) for number in ALL}
    yield CloseRequests()
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ALL)
def test_a_request_to_close_amid_a_librarys_work_waits_for_its_end(requests, number):
    class Interrupted(BaseModel):
        name: str = "恒泰物業"

        @field_serializer("name")
        def dumped(self, name: str) -> str:
            signal.raise_signal(number)
            return name

    requests.listen()
    requests.obey()
    assert Interrupted().model_dump() == {"name": "恒泰物業"}
    with pytest.raises(AskedToClose):
        requests.obey()


def test_a_hang_up_that_nohup_has_asked_to_ignore_is_no_request(requests):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    requests.listen()
    signal.raise_signal(signal.SIGHUP)
    requests.obey()
