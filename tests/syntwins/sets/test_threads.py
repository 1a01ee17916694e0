import cv2

from syntwins.sets.threads import one_thread


def test_threads_are_as_before_afterwards():
    before = cv2.getNumThreads()
    with one_thread():
        assert cv2.getNumThreads() == 1
    assert cv2.getNumThreads() == before
