"""Settings that make each network of the registry small enough for a test."""

from twinlib import config

VIT = {"image_size": 32, "patch": 8, "width": 16, "depth": 2, "heads": 2, "mlp_ratio": 2.0, "embedding": 8}
SMALL = {
    "vit": config.ViT(**VIT),
    "ahan": config.AHAN(**VIT),
    "mobilefacenet": config.MobileFaceNet(image_size=32, width=8, blocks=(1, 1, 1), embedding=8),
    "iresnet": config.IResNet(image_size=32, depth=10, width=8, embedding=8),
    "shufflefacenet": config.ShuffleFaceNet(image_size=32, channels=(8, 8, 16, 32, 16), blocks=(2, 1, 1), embedding=8),
    "vargfacenet": config.VarGFaceNet(image_size=32, width=8, blocks=(2, 1, 1), last=16, embedding=8),
    "fpn": config.FPN(image_size=64, backbone="test_resnet", level="p2", embedding=8),
    "local_global": config.LocalGlobal(image_size=64, backbone="test_resnet", dropout=0.0, embedding=8),
    "transface": config.TransFace(image_size=32, patch=9, width=16, depth=2, heads=2, embedding=8),
    "transfg": config.TransFG(**VIT, stride=6),
    "dcal": config.DCAL(**VIT),
}
