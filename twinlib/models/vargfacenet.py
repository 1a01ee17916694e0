"""VarGFaceNet: convolutions whose groups have a fixed number of channels, so that their number varies."""

from jaxtyping import Float
from timm.layers import SqueezeExcite
from torch import Tensor, nn

from twinlib import models
from twinlib.errors import InputError
from twinlib.models.network import Network, whole_steps
from twinlib.models.preprocess import Preprocess

GROUP = 8  # channels of a group (P)
SQUEEZE = 4  # channels over the hidden ones of a gate (P)


def separable(n_in: int, n_out: int, stride: int, factor: int) -> nn.Sequential:
    """Variable group convolution to factor times the channels, PReLU, 1 × 1 convolution; both normalised."""
    inner = factor * n_in
    return nn.Sequential(
        nn.Conv2d(n_in, inner, 3, stride, 1, groups=n_in // GROUP, bias=False), nn.BatchNorm2d(inner), nn.PReLU(inner),
        nn.Conv2d(inner, n_out, 1, bias=False), nn.BatchNorm2d(n_out),
    )  # fmt: skip


class Unit(nn.Module):
    """Two separable convolutions beside a shortcut.

    Args:
        n_in: channels of the input.
        n_out: channels of the output.
        stride: 2 halves the map; the shortcut is then a separable convolution too.
        factor: of the group convolutions.
        branches: how many first convolutions are added up: 2 in the first unit of a stage.
        gate: gate the channels at the end; not in the first unit of a stage.
    """

    def __init__(self, n_in: int, n_out: int, stride: int, factor: int, branches: int, gate: bool) -> None:
        super().__init__()
        self.shortcut = separable(n_in, n_out, stride, factor) if stride > 1 else None
        self.first = nn.ModuleList(separable(n_in, n_out, stride, factor) for _ in range(branches))
        self.between = nn.PReLU(n_out)
        self.second = separable(n_out, n_out, 1, factor)
        self.gate = SqueezeExcite(n_out, rd_channels=n_out // SQUEEZE, act_layer=nn.PReLU) if gate else nn.Identity()
        self.act = nn.PReLU(n_out)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        """Map of the unit."""
        y = self.gate(self.second(self.between(sum(branch(x) for branch in self.first))))
        return self.act(y + (x if self.shortcut is None else self.shortcut(x)))


class VarGFaceNet(Network):
    """Stem at full size, one halving unit, three stages, and an embedding that halves the channels before its layer.

    Args:
        cfg: sizes.

    Raises:
        InputError: for an image size that 16 does not divide, or channels that 8 does not.

    Source:
        Yan et al., VarGFaceNet, ICCV workshop 2019, and its released code.
    """

    def __init__(self, cfg: models.VarGFaceNet) -> None:
        super().__init__()
        whole_steps(cfg.image_size, 16)
        if cfg.width % GROUP or cfg.last % GROUP:
            raise InputError(f"model.width and model.last must be multiples of {GROUP}, got {cfg.width}, {cfg.last}.")
        self.preprocess = Preprocess(cfg.image_size, std=(cfg.divisor, cfg.divisor, cfg.divisor))
        w, last, side = cfg.width, cfg.last, cfg.image_size // 16
        self.stem = nn.Sequential(nn.Conv2d(3, w, 3, 1, 1, bias=False), nn.BatchNorm2d(w), nn.PReLU(w))
        self.head = Unit(w, w, 2, factor=1, branches=1, gate=True)
        self.stages = nn.Sequential()
        for i, units in enumerate(cfg.blocks):
            n_in, n_out = w * 2**i, w * 2 ** (i + 1)
            self.stages.append(Unit(n_in, n_out, 2, factor=2, branches=2, gate=False))
            self.stages.extend(Unit(n_out, n_out, 1, factor=2, branches=1, gate=True) for _ in range(units - 1))
        self.embed = nn.Sequential(
            nn.Conv2d(8 * w, last, 1, bias=False), nn.BatchNorm2d(last), nn.PReLU(last),
            nn.Conv2d(last, last, side, groups=last // GROUP, bias=False), nn.BatchNorm2d(last),
            nn.Conv2d(last, last // 2, 1, bias=False), nn.BatchNorm2d(last // 2), nn.PReLU(last // 2),
            nn.Flatten(), nn.Linear(last // 2, cfg.embedding), nn.BatchNorm1d(cfg.embedding),
        )  # fmt: skip

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B E"]:
        """Embedding, not normalised; compare by cosine. Images: aligned RGB crops, (x − 127.5) / 127.5."""
        return self.embed(self.stages(self.head(self.stem(images))))
