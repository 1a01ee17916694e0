"""Where the face of a photograph is, whichever of the four right angles it was taken at and however small it is.

The whole picture is looked at on canvases of growing side, four times each: as it is and turned by a quarter, a half
and three quarters. The first canvas that shows a sure face ends it. Then the face alone is laid upright into windows of
fixed size: one tries the four angles again, unless they were clear; one gives the points, as it is and mirrored, until
the face stands upright in it. So points and angle depend little on how the photograph came.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, UInt8

from twinlib.errors import InputError
from twinlib.faces.align import Matrix, invert, similarity, transform
from twinlib.faces.detect.window import around, cut, mirrored, tiled, turned
from twinlib.faces.detect.yunet import YuNet

CANVASES = (160, 320, 640, 1280, 2560)  # px; on the last a face of 40 px in 50 megapixels is 10 px wide
TILE, OVERLAP = 1280, 160  # px: a larger canvas is looked at in parts, so that memory stays bounded
FILLED = 0.8  # of a canvas: a face that fills the picture is found only with a margin around it
LARGEST_SCALE = 2.5  # blowing a picture up further shows nothing new; the first canvas takes pictures of any size
SURE = 0.75  # score with which the search over canvases ends
MAYBE = 0.6  # lowest score on a canvas of what is looked at closely
FACE = 0.7  # lowest score of a face that was looked at closely: a cat has 0.48, upright faces of LFW 0.89 and more
COUNTED = 256  # px, canvas on which other faces are counted where the first one would not show those of half the size
COUNTABLE = 28  # px of the first canvas: a face half as large as this one is still found there
ANGLE = (160, 0.5)  # window that decides the angle: side, px, and the crop's share of it
CLEAR = 0.04  # margin on a canvas that needs no such window, if the face fills less of the canvas than of it
POINTS = (288, 0.75)  # window that gives the points: those of a smaller face do not follow when it leans (measured)
STRAIGHT = np.radians(8)  # a face that leans by less in its window stands upright there
ROUNDS = 4  # of bringing it upright; one is enough where the canvas showed the right angle

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
    middle = np.array(pixels.shape[1::-1]) / 2
    seen.sort(key=lambda face: -face.score * _prominence(face.box, middle))
    for face in seen:
        close = _closely(pixels, detector, face)
        if close.score >= FACE:
            on_canvas = max(close.box[2:] - close.box[:2]) * FILLED * CANVASES[0] / max(pixels.shape[:2])
            more = _count(pixels, detector, close) if on_canvas < COUNTABLE else 1
            return replace(close, faces=max(len(seen), more))
    return None


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
        faces = _distinct([face for look in looks for face in look], ANGLE[0] * ANGLE[1] / scale)
        if not best or (faces and faces[0].score > best[0].score):
            best = faces
        if best and best[0].score >= SURE:
            break
    bar = SURE if best and best[0].score >= SURE else MAYBE  # a doubtful one beside a sure one is no second face
    middle = (factor - 1) / 2
    return [
        replace(face, points=face.points * factor + middle, box=face.box * np.tile(factor, 2) + np.tile(middle, 2))
        for face in best
        if face.score >= bar
    ]


def _count(pixels: RGB, detector: YuNet, face: Found) -> int:
    """How many sure faces there are at the angle of this one, itself included."""
    height, width = pixels.shape[:2]
    scale = FILLED * COUNTED / max(width, height)
    [matrix] = tiled(width, height, scale, COUNTED, COUNTED)
    window = np.rot90(cut(pixels, matrix, COUNTED), face.turn)
    others = _faces(window, detector, turned(matrix, face.turn, COUNTED, COUNTED))
    return 1 + len([one for one in _distinct(others, 0.0) if one.score >= SURE and _overlap(one.box, face.box) < 0.3])


def _shrunk(pixels: RGB) -> tuple[UInt8[np.ndarray, "h w 3"], Float[np.ndarray, "2"]]:
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
        rough = face if face.margin >= CLEAR else _at_best_angle(pixels, detector, face)
        fine = _pointed(pixels, detector, rough)
        if _angle(face.points, fine.points) < STRAIGHT:
            return fine
        face = replace(fine, margin=0.0)  # of another window: to be tried again
    return face  # it goes in circles


def _at_best_angle(pixels: RGB, detector: YuNet, face: Found) -> Found:
    """The face at the angle with the best score in a window of its own."""
    looks = [_same(look, face) for look in _looks(pixels, detector, _upright(face, *ANGLE), ANGLE[0])]
    scores = [look.score if look else 0.0 for look in looks]
    k = int(np.argmax(scores))
    return replace(looks[k] or face, margin=scores[k] - max(scores[:k] + scores[k + 1 :]))


def _pointed(pixels: RGB, detector: YuNet, face: Found) -> Found:
    """The face with points from a large window, averaged with those of the mirror image."""
    side, share = POINTS
    matrix = _upright(face, side, share)
    window = cut(pixels, matrix, side)
    seen = _same(_faces(window, detector, matrix), face)
    swapped = _same(_faces(window[:, ::-1], detector, mirrored(matrix, side)), face)
    both = [one.points for one in (seen, swapped and replace(swapped, points=swapped.points[[1, 0, 2, 4, 3]])) if one]
    if not both:
        return face
    best = seen or swapped or face
    return replace(face, points=np.mean(both, axis=0), box=best.box, score=best.score)


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


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    """Angle between the lines from left to right eye of two lists of five points, 0 to π."""
    x, y = ((points[1] - points[0]) @ [1, 1j] for points in (a, b))
    return float(abs(np.angle(x * np.conj(y))))


def _same(faces: list[Found], face: Found) -> Found | None:
    """The surest of those that overlap the face by half."""
    return max((one for one in faces if _overlap(one.box, face.box) > 0.5), key=lambda one: one.score, default=None)


def _distinct(faces: list[Found], clear: float) -> list[Found]:
    """Different faces, the surest first: one that overlaps a surer one is the same, seen at another angle.

    Args:
        faces: seen at any angle.
        clear: px; the margin of a larger face is not to be trusted, and is set to 0.
    """
    ordered, kept = sorted(faces, key=lambda one: -one.score), []
    while ordered:
        face, *others = ordered
        same = [_overlap(one.box, face.box) >= 0.3 for one in others]
        ordered = [one for one, known in zip(others, same, strict=True) if not known]
        next_best = max((one.score for one, known in zip(others, same, strict=True) if known), default=0.0)
        large = max(face.box[2:] - face.box[:2]) > clear
        kept.append(replace(face, margin=0.0 if large else face.score - next_best))
    return kept


def _overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Shared area of two boxes as a share of the smaller one."""
    shared = np.prod(np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None))
    return float(shared / max(min(np.prod(a[2:] - a[:2]), np.prod(b[2:] - b[:2])), 1e-9))


def _prominence(box: np.ndarray, middle: np.ndarray) -> float:
    """Side of a box times (1 − distance of its middle from that of the picture / half diagonal)."""
    distance = np.linalg.norm((box[:2] + box[2:]) / 2 - middle) / np.linalg.norm(middle)
    return float(np.sqrt(np.prod(box[2:] - box[:2])) * np.clip(1 - distance, 0.01, 1))
