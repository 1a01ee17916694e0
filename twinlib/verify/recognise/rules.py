"""What a face's facts mean for an answer: nothing, a warning, or that there must be none.

The limits are measured on LFW with the pair of networks that ships (benchmarks/verify_limits.py, its table in
results/benchmarks/verify_limits.csv). Other networks are held to the same ones. `SMALL` and `BLURRED` are where the
true accept rate at a false accept rate of 1e-2 has fallen by 2 points. It has not when 15 % of a face are missing, but
there two faces that are cut alike match four times as often as whole ones. Of LFW's pairs 0.5 % are turned by more than
`TURNED`: beyond it nothing was measured. No upright face of LFW has a smaller margin than `UNSURE_ANGLE` or a lower
score than `UNSURE_FACE`.
"""

from twinlib.verify.recognise.pair_facts import Facts

SMALL, WARN_SMALL = 31.0, 40.0  # px, `Facts.span`
BLURRED, WARN_BLURRED = 0.005, 0.01  # `Facts.sharpness`
CUT, WARN_CUT = 0.15, 0.1  # `Facts.outside`
TURNED = 0.8
UNSURE_ANGLE = 0.02  # `Facts.margin`
UNSURE_FACE = 0.85  # `Facts.score`


def judged(facts: Facts) -> tuple[list[str], list[str]]:
    """Warnings about a face, and reasons why it gets no answer.

    Args:
        facts: of the face.

    Returns:
        Warnings, and reasons for abstaining; both empty for a large sharp whole face seen from the front.
    """
    f = facts
    small = f"the face is {f.span:.0f} px from brow to chin"
    cut = f"the face is cut by the picture's edge: {f.outside:.0%} of its crop is missing"
    reasons = {
        f"{small}, {SMALL:.0f} are needed": f.span < SMALL,
        cut: f.outside > CUT,
        "the face is blurred too much": f.sharpness < BLURRED,
    }
    warnings = {
        f"{small} only": SMALL <= f.span < WARN_SMALL,
        cut: WARN_CUT < f.outside <= CUT,
        "the face is blurred": BLURRED <= f.sharpness < WARN_BLURRED,
        "the face is strongly turned to the side": f.turned > TURNED,
        f"{f.faces} faces: the largest central one was taken": f.faces > 1,
        "it is unclear which way up the face is": f.margin < UNSURE_ANGLE,
        "it is unclear whether this is a face": f.score < UNSURE_FACE,
    }
    return [text for text, so in warnings.items() if so], [text for text, so in reasons.items() if so]
