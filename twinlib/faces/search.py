"""Where the face of a photograph is, whichever of the four right angles it was taken at and however small it is.

The whole picture is looked at on canvases of growing side, four times each: as it is and turned by a quarter, a half
and three quarters. The first canvas that shows a sure face ends it. Then the face alone is laid upright into a window
of fixed size and the four angles are asked again, so that points and angle depend little on how the photograph came.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.data.align import Matrix, invert, similarity, transform
from twinlib.errors import InputError
from twinlib.faces.window import around, cut, tiled, turned
from twinlib.faces.yunet import YuNet

CANVASES = (160, 320, 640, 1280, 2560)  # px; on the last a face of 40 px in 50 megapixels is 10 px wide
TILE, OVERLAP = 1280, 160  # px: a larger canvas is looked at in parts, so that memory stays bounded
FILLED = 0.8  # of a canvas: a face that fills the picture is found only with a margin around it
LARGEST_SCALE = 2.5  # blowing a picture up further shows nothing new; the first canvas takes pictures of any size
SURE = 0.75  # score with which the search over canvases ends
FACE = 0.6  # lowest score of a face after all canvases
ANGLE = (160, 0.5)  # window that decides the angle: side, px, and the crop's share of it
POINTS = (224, 0.5)  # window that gives the points
ROUNDS = 3  # of deciding the angle; one is enough where the canvas showed the right one

RGB = UInt8[np.ndarray, "H W 3"]


@dataclass(frozen=True)
class Found:
    """One face, in pixels of the photograph.

    Attributes:
        points: left eye, right eye, nose tip, left and right mouth corner of the face when it is upright.
        box: x0, y0, x1, y1; may reach beyond the photograph.
        score: of the detector, in [0, 1].
        margin: the score minus that of the best other angle, in [-1, 1]; where it is small the angle is unsure.
        faces: how many different faces the search saw.
    """

    points: Float[np.ndarray, "5 2"]
    box: Float[np.ndarray, "4"]
    score: float
    margin: float = 0.0
    faces: int = 1

    @property
    def turn(self) -> int:
        """Quarter turns counter-clockwise that bring the face closest to upright: 0 to 3."""
        across = self.points[1] - self.points[0]
        return round(float(np.arctan2(across[1], across[0])) / (np.pi / 2)) % 4


def find(pixels: RGB, detector: YuNet) -> Found | None:
    """The face of a photograph, of several the most prominent one (large, central, sure); None if there is none.

    Args:
        pixels: of any size.
        detector: YuNet.
    """
    seen = _on_canvases(pixels, detector)
    if not seen:
        return None
    middle = np.array(pixels.shape[1::-1]) / 2
    chosen = max(seen, key=lambda face: face.score * _prominence(face.box, middle))
    return replace(_closely(pixels, detector, chosen), faces=len(seen))


def _on_canvases(pixels: RGB, detector: YuNet) -> list[Found]:
    """Different faces of the first canvas with a sure one, or else of the canvas with the best."""
    small, factor = _shrunk(pixels)
    height, width = small.shape[:2]
    best: list[Found] = []
    for canvas in CANVASES:
        scale = FILLED * canvas / max(width, height)
        if canvas > CANVASES[0] and scale > LARGEST_SCALE:
            break
        side = min(canvas, TILE)
        tiles = tiled(width, height, scale, side, OVERLAP if canvas > TILE else side)
        looks = [look for tile in tiles for look in _looks(small, detector, tile, side)]
        faces = _distinct([face for look in looks for face in look])
        if not best or (faces and faces[0].score > best[0].score):
            best = faces
        if best and best[0].score >= SURE:
            break
    bar = SURE if best and best[0].score >= SURE else FACE  # a doubtful one beside a sure one is no second face
    middle = (factor - 1) / 2
    return [
        replace(face, points=face.points * factor + middle, box=face.box * np.tile(factor, 2) + np.tile(middle, 2))
        for face in best
        if face.score >= bar
    ]


def _shrunk(pixels: RGB) -> tuple[RGB, Float[np.ndarray, "2"]]:
    """The picture averaged down to what the largest canvas shows, and pixels of the photograph for each of its own."""
    import cv2

    size = np.array(pixels.shape[1::-1])
    small = np.maximum(np.round(size * min(FILLED * CANVASES[-1] / size.max(), 1)), 1).astype(int)
    if (small == size).all():
        return pixels, np.ones(2)
    return cv2.resize(pixels, small.tolist(), interpolation=cv2.INTER_AREA), size / small


def _closely(pixels: RGB, detector: YuNet, face: Found) -> Found:
    """The face again in windows of its own: first its angle, then its points; what it was where they do not show it."""
    for _ in range(ROUNDS):
        looks = [_same(look, face) for look in _looks(pixels, detector, _upright(face, *ANGLE), ANGLE[0])]
        scores = [look.score if look else 0.0 for look in looks]
        k = int(np.argmax(scores))
        if (best := looks[k]) is None:
            return face
        face = replace(best, margin=scores[k] - max(scores[:k] + scores[k + 1 :]))
        if k == 0:
            break
    else:
        face = replace(face, margin=0.0)  # it went in circles
    matrix = _upright(face, *POINTS)
    fine = _same(_faces(cut(pixels, matrix, POINTS[0]), detector, matrix), face)
    return replace(fine, margin=face.margin) if fine else face


def _looks(pixels: RGB, detector: YuNet, matrix: Matrix, side: int) -> list[list[Found]]:
    """Faces of a window at each of the four angles."""
    window = cut(pixels, matrix, side)
    return [_faces(np.rot90(window, k), detector, turned(matrix, k, side, side)) for k in range(4)]


def _faces(window: RGB, detector: YuNet, matrix: Matrix) -> list[Found]:
    """Faces of one window, in pixels of the photograph."""
    found, back = [], invert(matrix)
    for x, y, w, h, *points, score in detector.detect(window):
        corners = transform(np.array([[x, y], [x + w, y], [x, y + h], [x + w, y + h]]), back)
        box = np.concatenate([corners.min(0), corners.max(0)])
        found.append(Found(transform(np.reshape(points, (5, 2)), back), box, float(min(score, 1.0))))
    return found


def _upright(face: Found, side: int, share: float) -> Matrix:
    """Matrix into a window in which the face stands upright in the middle."""
    try:
        return similarity(face.points, around(side, share))
    except InputError:  # points that coincide say nothing; the box does
        scale = share * side / max(face.box[2:] - face.box[:2])
        return np.column_stack([scale * np.eye(2), (side - 1) / 2 - scale * (face.box[:2] + face.box[2:]) / 2])


def _same(faces: list[Found], face: Found) -> Found | None:
    """The surest of those that overlap the face by half."""
    return max((one for one in faces if _overlap(one.box, face.box) > 0.5), key=lambda one: one.score, default=None)


def _distinct(faces: list[Found]) -> list[Found]:
    """Different faces, the surest first: one that overlaps a surer one is the same, seen at another angle."""
    kept: list[Found] = []
    for face in sorted(faces, key=lambda one: -one.score):
        if all(_overlap(face.box, other.box) < 0.3 for other in kept):
            kept.append(face)
    return kept


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Shared area of two boxes as a share of the smaller one."""
    shared = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
    return float(shared / max(min(np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])), 1e-9))


def _prominence(box: np.ndarray, middle: np.ndarray) -> float:
    """Side of a box times (1 − distance of its middle from that of the picture / half diagonal)."""
    distance = np.linalg.norm((box[:2] + box[2:]) / 2 - middle) / np.linalg.norm(middle)
    return float(np.sqrt(np.prod(box[2:] - box[:2])) * np.clip(1 - distance, 0.01, 1))
