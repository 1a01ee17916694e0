"""Vertex numbers of the face mesh: which of the 468 landmarks lie where. No code.

"Right" and "left" are the sides of the person; the right eye is at the left of a frontal image (negative x).
The numbering is that of the MediaPipe face mesh, so that rendered truth and detected landmarks compare row by row.
"""

FACE = 468

LIPS_OUTER = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185]
LIPS_INNER_LOWER = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308]
LIPS_INNER_UPPER = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308]
LIP_LOWER = [95, 88, 178, 87, 14, 317, 402, 318, 324, 146, 91, 181, 84, 17, 314, 405, 321, 375]
LIP_LOWER += [77, 90, 180, 85, 16, 315, 404, 320, 307, 96, 89, 179, 86, 15, 316, 403, 319, 325]
LIP_UPPER = [0, 37, 267, 39, 269, 40, 270, 11, 12, 302, 72, 268, 271, 38, 41, 42, 73, 74, 303, 304, 272]
MOUTH_CORNERS = [61, 291, 78, 308, 76, 306, 62, 292]

LID_UPPER_R, LID_LOWER_R = [246, 161, 160, 159, 158, 157, 173], [7, 163, 144, 145, 153, 154, 155]
LID_UPPER_L, LID_LOWER_L = [466, 388, 387, 386, 385, 384, 398], [249, 390, 373, 374, 380, 381, 382]
LID_MIDDLES = [(159, 145), (386, 374)]  # upper, lower
EYE_CORNERS_R, EYE_CORNERS_L = [33, 133], [263, 362]  # outer, inner
NOSTRIL_R, NOSTRIL_L = [99, 75, 20, 60, 240], [328, 305, 250, 290, 460]
ALAR_R, ALAR_L = [49, 129, 98, 97], [279, 358, 327, 326]  # the groove behind each wing of the nose
NOSE_BASE = [98, 97, 2, 326, 327]
PHILTRUM = [2, 164]
UNDER_LIP = [181, 84, 17, 314, 405]
UPPER_LIP = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78]
INNER_CORNER_R, INNER_CORNER_L = [193, 245, 133], [417, 465, 362]
FOLD_R, FOLD_L = [129, 203, 206, 216], [358, 423, 426, 436]  # from the nose to the corner of the mouth
CREASE_R, CREASE_L = [247, 30, 29, 27, 28, 56], [467, 260, 259, 257, 258, 286]
BROW_UPPER_R, BROW_LOWER_R = [70, 63, 105, 66, 107], [46, 53, 52, 65, 55]
BROW_UPPER_L, BROW_LOWER_L = [300, 293, 334, 296, 336], [276, 283, 282, 295, 285]
BROWS = BROW_UPPER_R + BROW_UPPER_L

BEARD = [132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 401, 435]
BEARD += [427, 426, 391, 393, 164, 167, 165, 206, 207, 215, 177]
# Sites of moles and scars: skin that stays in view, both sides.
MARK_SITES = [50, 280, 205, 425, 207, 427, 187, 411, 151, 108, 337, 67, 297, 199, 175, 136, 365, 116, 345, 210, 430]
FRECKLE_SITES = [50, 280, 1, 117, 346, 4]

WRINKLES_STRONG = [[129, 203, 206, 216, 212], [358, 423, 426, 436, 432]]
WRINKLES_FINE = [
    [104, 69, 108, 151, 337, 299, 333],
    [103, 67, 109, 10, 338, 297, 332],
    [63, 105, 66, 107, 9, 336, 296, 334, 293],
    [33, 35, 143],
    [33, 226, 139],
    [33, 130, 156],
    [263, 265, 372],
    [263, 446, 368],
    [263, 359, 383],
    [107, 55],
    [336, 285],
    [230, 231, 232],
    [450, 451, 452],
]
