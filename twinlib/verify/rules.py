"""What a face's facts mean for an answer: nothing, a warning, or that there must be none.

The limits are measured on LFW with the pair of networks that ships (results/benchmarks/verify_limits.csv). Other
networks are held to the same limits.
"""

from twinlib.verify.facts import Facts

SMALL = 40.0  # px
WARN_SMALL = 60.0  # px
BLURRED = 0.002
TURNED = 0.8
CUT = 0.25
WARN_CUT = 0.1
UNSURE_ANGLE = 0.02
UNSURE_FACE = 0.75


def judged(facts: Facts) -> tuple[list[str], list[str]]:
    """What to say of a face, and why there must be no answer about it.

    Args:
        facts: of the face.

    Returns:
        Warnings, and reasons for abstaining; both empty for a large sharp whole face seen from the front.
    """
    f = facts
    cut = f"the face is cut by the picture's edge: {f.outside:.0%} of its crop is missing"
    reasons = {
        f"the face is too small: {f.span:.0f} px from brow to chin, {SMALL:.0f} are needed": f.span < SMALL,
        cut: f.outside > CUT,
    }
    warnings = {
        f"the face is only {f.span:.0f} px from brow to chin": SMALL <= f.span < WARN_SMALL,
        cut: WARN_CUT < f.outside <= CUT,
        f"{f.faces} faces: the largest central one was taken": f.faces > 1,
        "the face is strongly turned to the side": f.turned > TURNED,
        "the face is blurred": f.sharpness < BLURRED,
        "it is unsure which way up the face is": f.margin < UNSURE_ANGLE,
        "it is unsure whether this is a face": f.score < UNSURE_FACE,
    }
    return [text for text, so in warnings.items() if so], [text for text, so in reasons.items() if so]
