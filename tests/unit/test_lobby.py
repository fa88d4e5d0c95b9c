"""The launcher's judgement, without what it launches."""

import threading

import pytest

from controller.lobby import was_asked_to_close


def interrupted_between_release_and_wait():
    condition = threading.Condition()
    with condition:
        condition.release()
        raise KeyboardInterrupt


def test_a_request_to_close_between_a_lock_s_release_and_the_wait_is_still_one():
    with pytest.raises(RuntimeError) as raised:
        interrupted_between_release_and_wait()
    assert was_asked_to_close(raised.value)


def test_another_fault_is_no_request_to_close():
    assert not was_asked_to_close(RuntimeError("dictionary changed size during iteration"))
