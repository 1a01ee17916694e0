"""TransFace: a vision transformer without a class token whose patches are gated before one large linear layer."""

from jaxtyping import Float
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn

from twinlib.errors import InputError
from twinlib.methods import transface
from twinlib.models.network import Network
from twinlib.models.preprocess import Preprocess
from twinlib.models.unit import answer


class TransFace(Network):
    """All tokens, each times its gate, side by side through one linear layer to the embedding.

    Args:
        cfg: sizes.

    Attributes:
        patch: side of a patch, px.
        outputs: `gates` "B P", the weight of each patch in (0, 1); `tokens` "B P d", the gated tokens, whose spread
            weights the samples. Both come from the one training pass; the released code runs it twice.

    Raises:
        InputError: for heads that do not divide the width, or a patch larger than the image.

    Notes:
        The released code can also drop a tenth of the tokens in training, whatever its setting says. Not here.

    Source:
        Dan et al., TransFace, ICCV 2023, and its released code.
    """

    outputs = ("gates", "tokens")

    def __init__(self, cfg: transface.TransFace) -> None:
        super().__init__()
        if cfg.width % cfg.heads:
            raise InputError(f"model.width {cfg.width} must be a multiple of model.heads {cfg.heads}.")
        if cfg.patch > cfg.image_size:
            raise InputError(f"model.patch {cfg.patch} is larger than model.image_size {cfg.image_size}.")
        self.preprocess, self.patch = Preprocess(cfg.image_size), cfg.patch
        self.backbone = VisionTransformer(
            img_size=cfg.image_size,
            patch_size=cfg.patch,
            embed_dim=cfg.width,
            depth=cfg.depth,
            num_heads=cfg.heads,
            mlp_ratio=cfg.mlp_ratio,
            qkv_bias=False,
            drop_path_rate=cfg.drop_path,
            act_layer=nn.ReLU6,
            class_token=False,
            global_pool="",
            num_classes=0,
        )
        patches = (cfg.image_size // cfg.patch) ** 2
        self.gate = nn.Sequential(
            nn.Linear(patches * cfg.width, patches, bias=False), nn.ReLU(), nn.Linear(patches, patches, bias=False),
            nn.Sigmoid(),
        )  # fmt: skip
        self.embed = nn.Sequential(
            nn.Linear(patches * cfg.width, cfg.width, bias=False), nn.BatchNorm1d(cfg.width, eps=2e-5),
            nn.Linear(cfg.width, cfg.embedding, bias=False), nn.BatchNorm1d(cfg.embedding, eps=2e-5),
        )  # fmt: skip

    def forward(
        self, images: Float[Tensor, "B 3 H W"], wanted: tuple[str, ...] = ()
    ) -> Float[Tensor, "B E"] | tuple[Float[Tensor, "B E"], dict[str, Tensor]]:
        """Embedding, not normalised, and the outputs that are wanted. Images: RGB crops, (x − 127.5) / 127.5."""
        X = self.backbone.forward_features(images)
        gates = self.gate(X.flatten(1))
        X = X * gates[:, :, None]
        return answer(self.embed(X.flatten(1)), {"gates": gates, "tokens": X}, wanted)
