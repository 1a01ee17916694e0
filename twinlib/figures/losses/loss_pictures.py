"""Losses as pictures: targets over the angle, adaptive margins, forces between twins, a toy that is trained."""

from collections.abc import Mapping

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twinlib import losses
from twinlib.errors import InputError
from twinlib.figures import drawn
from twinlib.figures.losses.loss_curves import Logits, adaface_start, force_of_heads, force_of_pairs, target
from twinlib.figures.losses.toy import Track
from twinlib.figures.style import GENUINE, MUTED, PALETTE, STRANGER, TWIN, figure
from twinlib.losses.magface import margin

DASHES = ("-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)), (0, (1, 1)))  # lines differ without colour too


def heads(curves: Mapping[str, Logits], mark: float | None = None) -> tuple[Figure, str]:
    """Target logit over s, and its derivative as training sees it, against the angle to the true class.

    Args:
        curves: name → logits at scale 1, from `twinlib.figures.losses.loss_curves`.
        mark: an angle to mark, radians, e.g. π − m.

    Raises:
        InputError: no curve.
    """
    if not curves:
        raise InputError("there is nothing to draw. Give at least one head.")
    theta, said = torch.linspace(0.003, torch.pi - 0.003, 400), []
    fig, axes = figure(9.4, 4.1, columns=2)
    for i, (name, logits) in enumerate(curves.items()):
        value, slope = target(logits, theta)
        for ax, y in zip(axes, (value, slope), strict=True):
            drawn.curve(ax, np.rad2deg(theta), y, color=PALETTE[i % 6], linestyle=DASHES[i % 6], label=name)
        said.append(f"{name} {value[200]:.2f} at 90° and {value[-1]:.2f} at 180°")
    for ax, label in zip(axes, ("target logit / s", "its derivative, per radian"), strict=True):
        ax.set(xlabel="angle to the true class, degrees", ylabel=label, xticks=range(0, 181, 30))
        if mark is not None:
            ax.axvline(np.rad2deg(mark), color=MUTED, linestyle=":", linewidth=1)
    axes[0].set_ylim(bottom=max(axes[0].get_ylim()[0], -3.2))  # SphereFace goes on to 1 − 2m
    _legend(axes[0])
    return fig, f"Target logit over the angle to the true class, and its derivative beside it. {'; '.join(said)}."


def surfaces(rows: Mapping[str, Mapping[float, Logits]], label: str) -> tuple[Figure, str]:
    """Target logit over s above angle and a second quantity, a panel for each head.

    Args:
        rows: name → (value of the second quantity → logits at scale 1).
        label: of the second quantity.
    """
    theta, said, lines = torch.linspace(0.003, torch.pi - 0.003, 120), [], np.arange(-2.0, 1.01, 0.5)
    fig, axes = figure(9.4, 3.6, columns=len(rows))
    for ax, (name, by) in zip(axes, rows.items(), strict=True):
        z = torch.stack([target(logits, theta)[0] for logits in by.values()])
        filled = ax.contourf(np.rad2deg(theta), list(by), z, levels=np.arange(-2.0, 1.01, 0.25), cmap="cividis")
        lines = ax.contour(
            np.rad2deg(theta), list(by), z, levels=np.arange(-2.0, 1.01, 0.5), colors="white", linewidths=0.8
        )
        ax.clabel(lines, fontsize=7)
        ax.set(title=name, xlabel="angle to the true class, degrees", ylabel=label, xticks=range(0, 181, 60))
        said.append(f"{name} at 60°: {z[0, 40]:.2f} for the smallest value, {z[-1, 40]:.2f} for the largest")
    fig.colorbar(filled, ax=axes, label="target logit / s")
    return fig, f"Target logit as a surface over angle and {label}. {'; '.join(said)}."


def margins(cfg_ada: losses.AdaFace, cfg_mag: losses.MagFace, mean: float, std: float) -> tuple[Figure, str]:
    """Margins of AdaFace and MagFace against the length of the embedding.

    Args:
        cfg_ada: of AdaFace.
        cfg_mag: of MagFace.
        mean: AdaFace's running mean of the lengths.
        std: its running standard deviation.
    """
    length = torch.linspace(0, 120, 400)
    k = (cfg_ada.h * (length - mean) / std).clamp(-1, 1)
    m = margin(length.clamp(cfg_mag.l_a, cfg_mag.u_a), cfg_mag)
    fig, axes = figure(9.4, 3.4, columns=2)
    drawn.curve(axes[0], length, -cfg_ada.m * k, color=PALETTE[0], label="of the angle, radians: −m k")
    dashed = {"linestyle": "--", "color": PALETTE[1]}
    drawn.curve(axes[0], length, cfg_ada.m * (1 + k), label="of the cosine: m + m k", **dashed)
    axes[0].axvline(mean, color=MUTED, linestyle=":", linewidth=1)
    drawn.curve(axes[1], length, m, color=PALETTE[2], label="of the angle, radians: m(a)")
    for ax, title in zip(axes, ("AdaFace", "MagFace"), strict=True):
        ax.set(title=title, xlabel="length of the embedding", ylabel="margin", ylim=(-0.5, 0.9))
        ax.legend(loc="center right")
    most = cfg_ada.m
    return fig, (
        f"Margins over the length of the embedding. AdaFace, mean {mean:g} and deviation {std:g}: a short embedding "
        f"has an angular margin of {most:g} and no cosine margin, a long one −{most:g} and {2 * most:g}. "
        f"MagFace: from {cfg_mag.l_margin:g} at length {cfg_mag.l_a:g} to {cfg_mag.u_margin:g} at {cfg_mag.u_a:g}."
    )


def adaface_transient(mean: float, std: float) -> tuple[Figure, str]:
    """Scaler k of an embedding one deviation longer than the mean, over the first batches, from both starts.

    Args:
        mean: true mean of the lengths.
        std: their true deviation.
    """
    batches = 700
    fig, ax = figure(6.4, 3.0)
    found = adaface_start(mean, std, batches)
    for i, (name, k) in enumerate(found.items()):
        drawn.curve(ax, range(1, batches + 1), k, color=PALETTE[i], linestyle=DASHES[i], label=f"start {name}")
    ax.set(xlabel="batch", ylabel="k, one deviation above the mean", ylim=(-0.05, 0.45))
    ax.legend(loc="lower right")
    slow, true = found["paper: 20 and 100"], float(found["measured"][-1])
    half = int((slow > true / 2).nonzero()[0, 0]) + 1 if (slow > true / 2).any() else batches
    return fig, f"From the released start, k reaches half of its true {true:.2f} at batch {half}; measured, at once."


def forces(heads_by_name: Mapping[str, Logits], apart: float = 10.0) -> tuple[Figure, str]:
    """Forces on the embeddings of twins: by heads, between two class centres; by pair losses, between embeddings.

    Args:
        heads_by_name: name → logits at scale 1.
        apart: angle between the two centres, degrees.
    """
    phi, delta = torch.linspace(0.0, np.deg2rad(apart), 60), torch.linspace(1e-3, np.deg2rad(100.0), 160)
    by_head, by_pair = force_of_heads(heads_by_name, phi, np.deg2rad(apart)), force_of_pairs(delta)
    fig, axes = figure(9.4, 4.0, columns=2)
    for ax, x, found in ((axes[0], phi, by_head), (axes[1], delta, by_pair)):
        for i, (name, force) in enumerate(found.items()):
            style = {"color": PALETTE[i % 6], "linestyle": DASHES[i % 6], "label": name}
            drawn.curve(ax, np.rad2deg(x), force, **style)
    axes[0].set(
        xlabel="place between own centre and the twin's, degrees", ylabel="force towards the own centre", ylim=0
    )
    axes[1].set(xlabel="angle between the twins' embeddings, degrees", ylabel="force apart")
    for ax in axes:
        _legend(ax)
    middle = {name: float(force[30]) for name, force in by_head.items()}
    free = {name: float(np.rad2deg(delta[(force > 1e-6).nonzero().max()])) for name, force in by_pair.items()}
    return fig, (
        f"Left: force on an embedding between two twin centres {apart:g}° apart; half-way "
        + ", ".join(f"{name} {value:.0f}" for name, value in middle.items())
        + ". Right: force between two embeddings; it ends at "
        + ", ".join(f"{value:.0f}° for {name}" for name, value in free.items()) + "."
    )  # fmt: skip


def toy_circles(tracks: Mapping[str, Track]) -> tuple[Figure, str]:
    """Images of twins and strangers after training the toy on the circle, a panel for each loss.

    Args:
        tracks: name → result of `twinlib.figures.losses.toy.optimise` in two dimensions.
    """
    columns = 5
    rows, angle = -(-len(tracks) // columns), np.linspace(0, 2 * np.pi, 200)
    fig, axes = figure(1.9 * columns, 2.2 * rows, rows, columns)
    for ax in np.ravel(axes):
        ax.set_axis_off()
    for ax, (name, track) in zip(np.ravel(axes), tracks.items(), strict=False):
        ax.plot(np.cos(angle), np.sin(angle), color=MUTED, linewidth=0.8)
        for points, radius, size in ((track.start, 0.78, 10), (track.end, 1.0, 26)):
            for i, (color, marker) in enumerate(((GENUINE, "o"), (TWIN, "^"), (STRANGER, "."))):
                part = points[track.subject == i] if i < 2 else points[track.subject > 1]
                ax.scatter(*(radius * part.T), s=size, color=color, marker=marker, alpha=0.8, linewidths=0)
        ax.set_title(f"{name}\ntwins {track.gap[-1]:.0f}° apart", fontsize=9, loc="center")
        ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal")
    said = "; ".join(f"{name} {track.gap[-1]:.0f}°" for name, track in tracks.items())
    return (
        fig,
        f"Inner ring before, outer ring after training; twins in blue and red. Angle between them at the end: {said}.",
    )


def toy_gaps(tracks: Mapping[str, Mapping[str, Track]]) -> tuple[Figure, str]:
    """Angle between the twins over the steps, a panel for each group of toys, a line for each loss.

    Args:
        tracks: title of a panel → name → track.
    """
    fig, axes = figure(9.4, 4.2, columns=len(tracks))
    for ax, (title, group) in zip(axes, tracks.items(), strict=True):
        for i, (name, track) in enumerate(group.items()):
            style = {"color": PALETTE[i % 6], "linestyle": DASHES[i % 6 if i < 6 else (i + 1) % 6], "label": name}
            drawn.curve(ax, range(len(track.gap)), track.gap, **style)
        ax.set(title=title, xlabel="step", ylabel="angle between the twins, degrees", ylim=0)
    shown = axes[0].get_legend_handles_labels()
    fig.legend(*shown, loc="outside upper center", ncols=5, fontsize=8)
    said = [
        f"{title}: " + ", ".join(f"{n} {t.gap[-1]:.0f}°" for n, t in group.items()) for title, group in tracks.items()
    ]
    return fig, f"Angle between the twins over the steps; at the end, {'; '.join(said)}."


def _legend(ax: Axes) -> None:
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0.2, fontsize=8)
