"""How often something may be tried."""

from controller.limits import RateLimit


def test_as_many_tries_as_are_allowed_and_no_more_until_their_time_is_over():
    limit = RateLimit(count=2, seconds=60)
    limit.note("a", 0)
    assert limit.allows("a", 1)
    limit.note("a", 1)
    assert not limit.allows("a", 59)
    assert limit.allows("b", 59)
    assert limit.allows("a", 60)


def test_keys_that_somebody_invents_are_forgotten_again():
    limit = RateLimit(count=2, seconds=60)
    for second in range(20_000):
        limit.note(f"invented {second}", second)
    assert len(limit._tries) <= 1_000
    assert limit._tries["invented 19999"]
