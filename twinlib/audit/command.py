"""`twinlib audit`."""

from twinlib.errors import InputError
from twinlib.ranges import ANY, Count, threshold_on

ONE = "wanted one of --onnx FILE, --embeddings FILE, --scores FILE, --export FOLDER; found {}."


def audit(
    onnx: str | None = None,
    input: str = "insightface",
    embeddings: str | None = None,
    scores: str | None = None,
    export: str | None = None,
    pairs: str | None = None,
    score_threshold: float | None = None,
    out: str = "audit",
    against: str | None = None,
    workers: Count | None = None,
) -> int:
    """Measure how often a face recogniser takes a twin for the person; exit code 1 if it got worse than a baseline.

    Writes audit.json and audit.html, a page that works offline. The pictures are rendered: rates on them compare
    recognisers and say nothing about real twins.

    Args:
        onnx: ONNX file of the recogniser.
        input: the input it expects: insightface, sface, mobilefacenet, dlib, or a .json file with
            size, columns, mean, std and channels.
        embeddings: .npz with names and emb, of the pictures that --export wrote.
        scores: CSV with image_a, image_b and score, of the pairs that --export wrote.
        export: folder for pictures and pairs.csv, for a recogniser that runs elsewhere; nothing is audited then.
        pairs: CSV of pairs of your own photographs: image_a, image_b and same or kind.
        score_threshold: lowest score that you accept; only for your own pairs.
        out: folder for the report.
        against: audit.json of an earlier audit.
        workers: processes that render the pictures; all cores by default.
    """
    ways = {"--onnx": onnx, "--embeddings": embeddings, "--scores": scores, "--export": export}
    named = [name for name, value in ways.items() if value]
    if len(named) != 1:
        raise InputError(ONE.format(" and ".join(named) or "none"))
    if score_threshold is not None:
        threshold_on(ANY, score_threshold, "--score-threshold")
        if pairs is None:
            raise InputError(
                "--score-threshold is only for your own pairs: photographs have other scores. Add --pairs."
            )
    from twinlib.audit.conduct import Given, conduct

    given = Given(onnx, embeddings, scores, export, input)
    return conduct(given, pairs, score_threshold, out, against, workers)
