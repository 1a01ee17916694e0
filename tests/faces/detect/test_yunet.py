import sys
import threading

import numpy as np
import pytest
from seen_photos import portrait

from twinlib.errors import InputError
from twinlib.faces.detect.yunet import YuNet

cv2 = pytest.importorskip("cv2")


@pytest.fixture(scope="module")
def small():
    return cv2.resize(portrait(), (320, 320), interpolation=cv2.INTER_AREA)


def test_a_face_has_a_box_points_in_order_and_a_score(small):
    [[x, y, w, h, *points, score]] = YuNet().detect(small)
    left, right, nose, *mouth = np.reshape(points, (5, 2))
    assert 100 < x < x + w < 180
    assert left[0] < nose[0] < right[0]
    assert max(left[1], right[1]) < nose[1] < min(mouth[0][1], mouth[1][1]) < y + h
    assert mouth[0][0] < mouth[1][0]
    assert 0.9 < score <= 1


def test_nothing_is_found_in_nothing():
    assert YuNet().detect(np.full((160, 160, 3), 127, np.uint8)).shape == (0, 15)


def test_colours_are_red_green_blue(small):
    """The network wants blue first: the surer answer is that for the right order."""
    assert YuNet().detect(small)[0, 14] != YuNet().detect(small[..., ::-1])[0, 14]
    known = cv2.FaceDetectorYN.create
    assert known
    swapped = np.ascontiguousarray(small[..., ::-1])
    network = YuNet()._network(320)
    np.testing.assert_array_equal(YuNet().detect(small), network.detect(swapped)[1].astype(float))


def test_threads_do_not_disturb_each_other(small):
    detector, found, wanted = YuNet(), {}, YuNet().detect(small)

    def look(i):
        found[i] = [detector.detect(small) for _ in range(3)]

    threads = [threading.Thread(target=look, args=(i,)) for i in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    for results in found.values():
        for result in results:
            np.testing.assert_array_equal(result, wanted)


def test_without_opencv_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(InputError, match="pip install opencv-contrib-python"):
        YuNet()
