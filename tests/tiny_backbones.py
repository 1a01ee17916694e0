"""Backbones registered with `timm` for tests: of its own classes, small enough for a forward pass in milliseconds."""

from timm.models import register_model
from timm.models.deit import VisionTransformerDistilled
from timm.models.swin_transformer import SwinTransformer
from timm.models.vision_transformer import VisionTransformer

VIT = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 3, "num_heads": 3, "mlp_ratio": 2.0}
SWIN = {"img_size": 32, "patch_size": 4, "embed_dim": 8, "depths": (1, 1), "num_heads": (1, 2), "window_size": 2}


def _register(name, kind, own):
    def entry(pretrained=False, pretrained_cfg=None, pretrained_cfg_overlay=None, cache_dir=None, **given):
        return kind(**{**own, **given})

    entry.__name__, entry.__module__ = name, __name__
    register_model(entry)


_register("tiny_plain", VisionTransformer, VIT)
_register("tiny_reg4", VisionTransformer, {**VIT, "reg_tokens": 4})
_register(
    "tiny_late",
    VisionTransformer,
    {**VIT, "reg_tokens": 4, "no_embed_class": True, "pre_norm": True, "dynamic_img_size": True},
)
_register("tiny_distilled", VisionTransformerDistilled, VIT)
_register("tiny_mean", VisionTransformer, {**VIT, "class_token": False, "global_pool": "avg", "reg_tokens": 1})
_register("tiny_map", VisionTransformer, {**VIT, "class_token": False, "global_pool": "map"})
_register("tiny_both", VisionTransformer, {**VIT, "global_pool": "avg"})
_register(
    "tiny_scaled",
    VisionTransformer,
    {**VIT, "scale_attn_norm": True, "scale_mlp_norm": True, "init_values": 0.1, "qk_norm": True},
)
_register("tiny_tall", VisionTransformer, {**VIT, "patch_size": (8, 4)})
_register("tiny_swin", SwinTransformer, SWIN)
