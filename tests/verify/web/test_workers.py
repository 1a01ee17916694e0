import threading
import time

import pytest

from twinlib.verify.web.workers import BusyError, Workers


def test_no_verifier_is_asked_by_two_threads_at_once():
    """Each holds its own flag while it works; nobody may find it set."""
    verifiers = [threading.Lock() for _ in range(3)]
    workers, used = Workers(verifiers, 200), []

    def work(verifier):
        assert verifier.acquire(blocking=False)
        time.sleep(0.001)
        used.append(id(verifier))
        verifier.release()
        return 1

    assert sum(one.result(30) for one in [workers.submit(work) for _ in range(60)]) == 60
    assert len(set(used)) > 1
    workers.close()


def test_a_full_queue_refuses_and_has_room_again():
    workers, may = Workers(["one"], 1), threading.Event()
    held = [workers.submit(lambda _: may.wait(30)) for _ in range(2)]
    assert not workers.ready
    with pytest.raises(BusyError):
        workers.submit(len)
    may.set()
    assert [one.result(30) for one in held] == [True, True]
    while workers.held:
        time.sleep(0.001)
    assert workers.submit(len).result(30) == 3
    workers.close()


def test_what_was_cancelled_is_not_begun_and_makes_room():
    workers, may, begun = Workers(["one"], 1), threading.Event(), []
    first = workers.submit(lambda _: may.wait(30))
    second = workers.submit(begun.append)
    assert second.cancel()
    assert workers.held == 1
    may.set()
    first.result(30)
    workers.close()
    assert begun == []


def test_a_failure_is_handed_on_and_frees_the_verifier():
    workers = Workers([0], 0)
    with pytest.raises(ZeroDivisionError):
        workers.submit(lambda verifier: 1 / verifier).result(30)
    while workers.held:
        time.sleep(0.001)
    assert workers.submit(lambda verifier: verifier + 1).result(30) == 1
    workers.close()


def test_closing_finishes_what_was_taken():
    workers, done = Workers([None, None], 10), []
    for i in range(6):
        workers.submit(lambda _, i=i: (time.sleep(0.01), done.append(i)))
    workers.close()
    assert sorted(done) == list(range(6))
    with pytest.raises(BusyError):
        workers.submit(done.append)
