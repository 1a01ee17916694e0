"""Environments in which NumPy, BLAS, numba, OpenCV and the C library compute as they would on an older processor."""

import os

import cv2
import numpy as np


def oldest() -> dict[str, str]:
    """Environment of a process that uses no instruction set beyond what every 64-bit processor of its kind has."""
    known = np.core._multiarray_umath if np.__version__ < "2" else np._core._multiarray_umath
    there = [name for name in known.__cpu_dispatch__ if known.__cpu_features__[name]]
    chosen = [name[1:] for name in cv2.getCPUFeaturesLine().split() if name.startswith("*")]
    return os.environ | {
        "NPY_DISABLE_CPU_FEATURES": " ".join(there),
        "OPENBLAS_CORETYPE": "Nehalem",
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "OPENCV_CPU_DISABLE": ",".join(chosen),
        "OPENCV_IPP": "disabled",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
    }
