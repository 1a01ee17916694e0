"""The losses against vectors that the original codes gave: the largest difference of each, beside its tolerance."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from twinlib import losses
from twinlib.errors import InputError
from twinlib.losses.adaface import EPS, adaface_logits, margin_scaler, running_statistics
from twinlib.losses.arcface import arcface_logits
from twinlib.losses.contrastive import batch_contrastive, contrastive
from twinlib.losses.cosface import cosface_logits
from twinlib.losses.head import cosines
from twinlib.losses.magface import MagFace
from twinlib.losses.triplet import twin_triplet
from twinlib.methods import ndtwin
from twinlib.methods.dcal.dcal import uncertainty_weighted
from twinlib.methods.ndtwin.ndtwin import Features, ndtwin_loss
from twinlib.methods.topofr.ptsa import alignment
from twinlib.methods.topofr.sde import structure_damage
from twinlib.methods.transface.dpap import mix_amplitude
from twinlib.methods.transface.ehsm import ehsm_loss, ehsm_weight
from twinlib.topology.persistence import h0_pairs

TOLERANCE = {torch.float64: (1e-9, 1e-9), torch.float32: (1e-5, 5e-5)}  # values, gradients; as the vectors' page says
Vectors = Mapping[str, np.ndarray]
Compared = Iterator[tuple[object, np.ndarray, bool]]  # ours, theirs, whether it is a gradient


def golden_table(folder: Path, dtype: torch.dtype = torch.float64) -> pd.DataFrame:
    """Largest difference of each loss from the stored numbers, over the largest magnitude of the stored array.

    Args:
        folder: that holds the `.npz` files.
        dtype: to compute in, float64 or float32.

    Returns:
        Columns loss, source (whose code made the numbers), arrays (how many were compared), error, tolerance,
        gradient_error (NaN where none are stored), gradient_tolerance.

    Raises:
        InputError: a file is missing.
    """
    rows = []
    for loss, (name, source, compare) in CHECKS.items():
        file = folder / f"{name}.npz"
        if not file.is_file():
            raise InputError(f"{file} does not exist. The vectors are in tests/golden.")
        found = list(compare(dict(np.load(file, allow_pickle=False)), dtype))
        worst = [max((_relative(o, t) for o, t, is_grad in found if is_grad == wanted), default=np.nan)
                 for wanted in (False, True)]  # fmt: skip
        values, gradients = TOLERANCE[dtype]
        rows.append((loss, source, len(found), worst[0], values, worst[1], gradients))
    columns = ["loss", "source", "arrays", "error", "tolerance", "gradient_error", "gradient_tolerance"]
    return pd.DataFrame(rows, columns=columns)


def _relative(ours: object, theirs: np.ndarray) -> float:
    ours = ours.detach().double().numpy() if isinstance(ours, Tensor) else np.asarray(ours, np.float64)
    return float(np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-30))


def _tensors(v: Vectors, dtype: torch.dtype, *keys: str) -> list[Tensor]:
    return [torch.tensor(v[key], dtype=dtype, requires_grad=True) for key in keys]


def _margin(kind: str, logits_of: Callable[..., Tensor]) -> Callable[[Vectors, torch.dtype], Compared]:
    """ArcFace and CosFace in one treatment; scales and margins from the keys."""

    def compare(v: Vectors, dtype: torch.dtype) -> Compared:
        label = torch.tensor(v["y"])
        for key in [k for k in v if k.startswith(f"{kind}_s") and k.endswith("_logits")]:
            prefix, s = key.removesuffix("logits"), key.split("_s")[1].split("_")[0]
            x, W = _tensors(v, dtype, "x", "W")
            m = float(v[f"s{s}_m_{kind.split('_')[0]}"])
            logits = logits_of(cosines(x, W), label, float(s), m, kind.split("_")[1])
            (loss := cross_entropy(logits, label)).backward()
            yield from ((logits, v[key], False), (loss, v[f"{prefix}loss"], False))
            yield from ((x.grad, v[f"{prefix}grad_x"], True), (W.grad, v[f"{prefix}grad_W"], True))

    return compare


def _adaface(prefix: str, form: str) -> Callable[[Vectors, torch.dtype], Compared]:
    def compare(v: Vectors, dtype: torch.dtype) -> Compared:
        m, h, s = (float(v[key]) for key in "mhs")
        unit = nn.functional.normalize(torch.tensor(v["W"], dtype=dtype))
        for run in sorted(key.removesuffix("_t_alpha") for key in v if key.endswith("_t_alpha")):
            mean, std = (torch.tensor(v[f"{run}_batch_{k}"][0], dtype=dtype) for k in ("mean", "std"))
            for i in range(len(v[f"{run}_batch_mean"]) - 1):
                emb, norm = _tensors(v, dtype, f"{run}_emb{i}", f"{run}_norm{i}")
                norm, label = norm.detach()[:, 0].clamp(EPS, 100), torch.tensor(v[f"{run}_y{i}"])
                mean, std = running_statistics(norm, mean, std, float(v[f"{run}_t_alpha"]))
                k = margin_scaler(norm, mean, std, h)
                (cos := emb @ unit.T).retain_grad()
                logits = adaface_logits(cos, label, k, s, m, form)
                (loss := cross_entropy(logits, label)).backward()
                yield from ((logits, v[f"{run}_{prefix}logits{i}"], False), (loss, v[f"{run}_{prefix}loss{i}"], False))
                yield (cos.grad, v[f"{run}_cvl_grad_cos{i}"], True) if prefix else (
                    emb.grad, v[f"{run}_grad_emb{i}"], True)  # fmt: skip

    return compare


def _magface(kind: str) -> Callable[[Vectors, torch.dtype], Compared]:
    def compare(v: Vectors, dtype: torch.dtype) -> Compared:
        numbers = {key: float(v[key]) for key in ("l_a", "u_a", "l_margin", "u_margin", "lambda_g")}
        cfg = losses.MagFace(s=float(v["scale"]), easy=kind == "easy", **numbers)
        head = MagFace(cfg, v["W"].shape[1], len(v["W"])).to(dtype)
        head.weight.data.copy_(torch.tensor(v["W"]))
        (x,) = _tensors(v, dtype, "x")
        (loss := head(x, torch.tensor(v["y"]))).backward()
        yield loss, v[f"{kind}_loss_total"], False
        yield from ((x.grad, v[f"{kind}_grad_x"], True), (head.weight.grad, v[f"{kind}_grad_W"], True))

    return compare


def _ehsm(v: Vectors, dtype: torch.dtype) -> Compared:
    x, W, tokens = _tensors(v, dtype, "x", "W", "tokens")
    label, weight = torch.tensor(v["y"]), ehsm_weight(tokens)
    (loss := ehsm_loss(arcface_logits(cosines(x, W), label, 64.0, 0.5, "insight"), label, weight)).backward()
    yield from ((weight, v["sample_weight"], False), (loss, v["ehsm_loss"], False), (x.grad, v["ehsm_grad_x"], True))


def _dpap(v: Vectors, dtype: torch.dtype) -> Compared:
    source, reference, lam = (torch.tensor(v[f"mix_{key}"], dtype=dtype) for key in ("src", "ref", "lam"))
    yield mix_amplitude(source, reference, lam, whole=True), v["mix_out_uint8"].astype(float), False


def _transfg(v: Vectors, dtype: torch.dtype) -> Compared:
    for case in sorted(key.removesuffix("_features") for key in v if key.endswith("_features")):
        (f,) = _tensors(v, dtype, f"{case}_features")
        (loss := batch_contrastive(f, torch.tensor(v[f"{case}_labels"]))).backward()
        yield from ((loss, v[f"{case}_loss"], False), (f.grad, v[f"{case}_grad"], True))


def _dcal(v: Vectors, dtype: torch.dtype) -> Compared:
    yield uncertainty_weighted(*_tensors(v, dtype, "unc_losses", "unc_w")), v["unc_total"], False


def _h0(v: Vectors, dtype: torch.dtype) -> Compared:
    for key in sorted(key for key in v if key.endswith("_dist")):
        D = torch.tensor(v[key], dtype=dtype).numpy()
        yield h0_pairs(D)[1], v[key.replace("_dist", "_deaths")], False


def _alignment(form: str, key: str, grad: str) -> Callable[[Vectors, torch.dtype], Compared]:
    def compare(v: Vectors, dtype: torch.dtype) -> Compared:
        for case in sorted(k.removesuffix("_img") for k in v if k.endswith("_img")):
            x, z = _tensors(v, dtype, f"{case}_img", f"{case}_z")
            loss = alignment(x, z, form)
            [slope] = torch.autograd.grad(loss, z)
            of_sum = {"paper": 2, "code": 1, "matched": len(z)}[form]
            yield from ((loss, v[f"{case}_{key}"], False), (of_sum * slope, v[f"{case}_{grad}"], True))

    return compare


def _damage(form: str) -> Callable[[Vectors, torch.dtype], Compared]:
    def compare(v: Vectors, dtype: torch.dtype) -> Compared:
        if form == "code" and dtype == torch.float32:  # rounds p = 1 − 1e-9 to 1, which turns a weight of 1 into 0
            dtype = torch.float64
        for case in sorted(k.removesuffix("_margin_logits") for k in v if k.endswith("_margin_logits")):
            logits = torch.tensor(v[f"{case}_margin_logits"], dtype=dtype)
            yield structure_damage(logits, torch.tensor(v[f"{case}_y"]), form), v[f"{case}_sds_{form}"], False

    return compare


def _triplet(over: str, key: str) -> Callable[[Vectors, torch.dtype], Compared]:
    def compare(v: Vectors, dtype: torch.dtype) -> Compared:
        for case in sorted(k.removesuffix("_emb") for k in v if k.endswith("_emb")):
            (e,) = _tensors(v, dtype, f"{case}_emb")
            label = torch.tensor(v[f"{case}_y"])
            (loss := twin_triplet(e, label, label, float(v[f"{case}_margin"]), over)).backward()
            yield from ((loss, v[f"{case}_loss_{key}"], False), (e.grad, v[f"{case}_grad_{key}"], True))

    return compare


def _ndtwin(v: Vectors, dtype: torch.dtype) -> Compared:
    a, b = (Features(*_tensors(v, dtype, *(f"{k}{i}" for k in "egla"))) for i in (1, 2))
    same, cfg = torch.tensor(v["y"]) == 1, ndtwin.NDTwin(margin=float(v["margin"]), train_embedding=False)
    yield ndtwin_loss(a, b, same, cfg), v["loss_total"], False
    for name, x, y in (("main", a.fused, b.fused), ("global", a.whole, b.whole), ("local", a.local, b.local)):
        yield contrastive(x, y, same, cfg.margin), v[f"loss_{name}"], False


CHECKS: dict[str, tuple[str, str, Callable[[Vectors, torch.dtype], Compared]]] = {
    "ArcFace, insight": ("margin", "insightface since 2022", _margin("arc_insight", arcface_logits)),
    "ArcFace, fallback": ("margin", "insightface before, TopoFR", _margin("arc_fallback", arcface_logits)),
    "ArcFace, clip": ("margin", "AdaFace's repository", _margin("arc_clip", arcface_logits)),
    "CosFace, insight": ("margin", "insightface", _margin("cos_insight", cosface_logits)),
    "CosFace, clip": ("margin", "AdaFace's repository", _margin("cos_clip", cosface_logits)),
    "AdaFace, head": ("adaface", "AdaFace", _adaface("", "head")),
    "AdaFace, cvlface": ("adaface", "CVLface", _adaface("cvl_", "cvlface")),
    "MagFace, easy": ("magface", "MagFace", _magface("easy")),
    "MagFace, not easy": ("magface", "MagFace", _magface("noneasy")),
    "TransFace, EHSM": ("transface", "TransFace", _ehsm),
    "TransFace, DPAP": ("transface", "TransFace", _dpap),
    "TransFG, contrastive": ("transfg", "TransFG", _transfg),
    "DCAL, weighting": ("dcal", "the paper", _dcal),
    "H0 deaths": ("h0_pairs", "TopoAE", _h0),
    "TopoFR, alignment, code": ("topo_loss", "TopoFR", _alignment("code", "loss_code", "grad_z_code")),
    "TopoFR, alignment, paper": ("topo_loss", "the paper", _alignment("paper", "loss_paper_eq2", "grad_z_sym")),
    "TopoFR, alignment, matched": ("topo_loss", "TopoAE", _alignment("matched", "loss_tae", "grad_z_sym")),
    "TopoFR, score, code": ("gum_sds", "TopoFR", _damage("code")),
    "TopoFR, score, paper": ("gum_sds", "the paper", _damage("paper")),
    "triplet, mean over anchors": ("triplet", "pytorch-metric-learning", _triplet("anchors", "pml_mean")),
    "triplet, mean over all": ("triplet", "re-implementations", _triplet("all", "allanchors")),
    "triplet, mean of the non-zero": ("triplet", "pytorch-metric-learning", _triplet("nonzero", "pml_nonzero")),
    "NDTWIN composite": ("ndtwin", "NDTWIN2", _ndtwin),
}  # fmt: skip
