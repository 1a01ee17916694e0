"""The arithmetic of a step: bf16 where it is asked for and the device has it, else single precision."""

from typing import Literal

import torch

Precision = Literal["fp32", "bf16"]


def has_bf16(device: str) -> bool:
    """Whether a kind of device computes in bf16; a CPU that only imitates it takes three times as long as in fp32.

    Args:
        device: cpu, cuda, ...
    """
    able = torch.cpu.get_capabilities()
    return device != "cpu" or able.get("architecture") != "x86_64" or able["avx512_bf16"] or able["amx_bf16"]


def arithmetic(wanted: Precision, device: str) -> Precision:
    """What a step is computed in, as the record says it: `train.precision`, or fp32 where there is no bf16."""
    return "bf16" if wanted == "bf16" and has_bf16(device) else "fp32"


def autocast(wanted: Precision, device: str) -> torch.autocast:
    """The context of a forward pass."""
    return torch.autocast(device, torch.bfloat16, enabled=arithmetic(wanted, device) == "bf16")
