"""Three recognisers of photographs under the protocol of `twinlib audit` -> results/audit/<name>.json, numbers only.

SFace ships with the package; the two MobileFaceNet files of the folder named by TWINLIB_DATA are exported to ONNX into
the build folder first. Embeddings are kept in the build folder by parts, so that a run that was stopped goes on.
Run: `python -m benchmarks.audit_recognisers [NAME …]`.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np

from twinlib import files, paths
from twinlib.audit.audited import audited, cosines
from twinlib.audit.given.onnx_file import OnnxFile
from twinlib.audit.given.presets import preset
from twinlib.audit.given.rendered_crops import embedded
from twinlib.audit.protocol import MAIN, rendered
from twinlib.audit.report.audit_page import page
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


class Kept:
    """A network whose answers are kept on disk in the order of its calls.

    Attributes:
        seconds: of the processor that the answers took, in this run or an earlier one.
        now: of them, in this run.
    """

    def __init__(self, network: OnnxFile, folder: Path) -> None:
        self.network, self.folder, self.calls, self.seconds, self.now = network, folder, 0, 0.0, 0.0

    def __call__(self, crops: np.ndarray) -> np.ndarray:
        stored = self.folder / f"{self.calls:04d}.npz"
        self.calls += 1
        if not stored.is_file():
            began = time.process_time()
            e = self.network(crops)
            self.now += (seconds := time.process_time() - began)
            with files.replacing(stored) as temporary:
                np.savez(temporary, e=e, seconds=seconds)
        with np.load(stored) as part:
            self.seconds += float(part["seconds"])
            return part["e"]


def main(*names: str) -> None:
    given = {"sface": lambda: (paths.package_dir() / "weights" / SFACE.file, "sface")}
    given |= {name: lambda name=name: exported(name) for name in WEIGHTS}
    asked = rendered()
    for name in names or given:
        file, wanted = given[name]()
        chosen = preset(wanted)
        network = Kept(OnnxFile(file, chosen), paths.build_dir() / "audit" / name / asked.version["sets"][MAIN])
        began = time.process_time()
        e = embedded(asked.images, chosen, network)
        report = audited(asked, cosines(asked, e), e, file.name, tell=print)
        report |= {"input": name if wanted.endswith(".json") else wanted, "notes": network.network.notes, "own": None}
        report["processor_seconds"] = round(time.process_time() - began - network.now + network.seconds, 1)
        files.write_json(paths.results_dir() / "audit" / f"{name}.json", report)
        files.write_text(paths.build_dir() / "audit" / name / "audit.html", page(report))
        print(name, f"{network.seconds:.0f} s embedding, {report['processor_seconds']:.0f} s in all, of the processor")


if __name__ == "__main__":
    main(*sys.argv[1:])
