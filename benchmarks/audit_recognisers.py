"""Three recognisers of photographs under `twinlib audit` -> results/audit/<name>.json, numbers only.

SFace ships with the package; the two MobileFaceNet files of the folder named by TWINLIB_DATA are exported to ONNX into
the build folder first. Run: `python -m benchmarks.audit_recognisers`.
"""

import json
import os
from pathlib import Path

from twinlib import files, paths
from twinlib.audit.command import audit
from twinlib.faces.detect.weights import SFACE

WEIGHTS = {
    "mobilefacenet_xiaoccer": "weights/mobilefacenet_xiaoccer_112x96.safetensors",
    "mobilefacenet_foamliu": "weights/mobilefacenet_foamliu_112x112.safetensors",
}


def shared() -> Path:
    return Path(os.environ.get("TWINLIB_DATA") or paths.project_root().parent / "shared/data")


def exported(name: str) -> tuple[Path, str]:
    """ONNX file of a published MobileFaceNet and its --input."""
    from twinlib.models.mobilefacenet import published
    from twinlib.models.onnx import export_onnx

    file = paths.build_dir() / "audit" / f"{name}.onnx"
    net = published(shared() / WEIGHTS[name]).eval()
    if not file.is_file():
        export_onnx(net, file)
    wanted = file.with_suffix(".json")
    p = net.preprocess
    columns = None if p.columns is None else list(p.columns)
    files.write_json(wanted, {"size": p.size, "columns": columns, "mean": list(p.mean), "std": list(p.std),
                              "channels": p.channels})  # fmt: skip
    return file, str(wanted)


def main() -> None:
    given = {"sface": (paths.package_dir() / "weights" / SFACE.file, "sface")}
    given |= {name: exported(name) for name in WEIGHTS}
    for name, (file, wanted) in given.items():
        out = paths.build_dir() / "audit" / name
        audit(onnx=str(file), input=wanted, out=str(out))
        report = json.loads((out / "audit.json").read_text())
        report["input"] = name if wanted.endswith(".json") else wanted
        files.write_json(paths.results_dir() / "audit" / f"{name}.json", report)


if __name__ == "__main__":
    main()
