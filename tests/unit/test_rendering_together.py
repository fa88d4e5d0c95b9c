"""What many ask for is made once, and nobody gets what was made before a change they know of."""

import threading

import pytest

from controller.web.together import Together
from tests.parts import PATIENCE


class Maker:
    """Makes texts one after the other, and can be held up in the middle."""

    def __init__(self):
        self.together, self.made = Together(), 0
        self.begun, self.go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.texts: list[str] = []
        self.threads: list[threading.Thread] = []

    def make(self):
        self.made += 1
        text = f"text {self.made}"
        self.begun.release()
        self.go_on.acquire()
        return text

    def ask(self, what="page", version=1):
        def asking():
            self.texts.append(self.together.made(what, version, 0, self.make))

        thread = threading.Thread(target=asking)
        thread.start()
        self.threads.append(thread)

    def end(self):
        for thread in self.threads:
            thread.join()


def numbered():
    made = iter(f"text {n}" for n in range(1, 99))
    return lambda: next(made)


def test_all_who_ask_for_the_same_share_one():
    maker = Maker()
    for _ in range(10):
        maker.ask()
    maker.begun.acquire()
    maker.go_on.release(10)
    maker.end()
    assert maker.texts == ["text 1"] * 10


def test_who_knows_of_a_change_gets_it_though_another_is_still_being_made():
    maker = Maker()
    maker.ask(version=1)
    maker.begun.acquire()
    maker.ask(version=2)
    maker.go_on.release(2)
    maker.end()
    assert sorted(maker.texts) == ["text 1", "text 2"]


def test_who_knows_of_less_is_given_the_latest():
    together, make = Together(), numbered()
    assert [together.made("page", version, 0, make) for version in (1, 2, 1, 2)] == [
        "text 1",
        "text 2",
        "text 2",
        "text 2",
    ]


def test_what_only_time_changes_is_made_anew_after_a_second():
    together, make = Together(), numbered()
    texts = [together.made("page", 1, now, make) for now in (100, 100.9, 101.1, 101.5)]
    assert texts == ["text 1", "text 1", "text 2", "text 2"]


def test_nothing_is_kept_that_nobody_asks_for_any_more():
    together = Together()
    for what in range(3):
        together.made(what, 1, 100, lambda: "text")
    together.made("page", 1, 102, lambda: "text")
    assert list(together._asked) == ["page"]


def test_other_questions_do_not_wait():
    maker = Maker()
    maker.ask("one")
    maker.ask("other")
    assert all(maker.begun.acquire(timeout=PATIENCE) for _ in range(2))
    maker.go_on.release(2)
    maker.end()


def test_a_fault_is_everybodys_own():
    together = Together()

    def fail():
        raise KeyError("a text that no catalogue has")

    with pytest.raises(KeyError):
        together.made("page", 1, 0, fail)
    assert together.made("page", 1, 0, lambda: "text") == "text"
