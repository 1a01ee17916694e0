"""Small ONNX files in every form that a recogniser comes in."""

import numpy as np
import pytest

from twinlib.audit.given.onnx_file import OnnxFile
from twinlib.audit.given.presets import PRESETS, Preset
from twinlib.errors import InputError
from twinlib.faces.detect.weights import SFACE, shipped
from twinlib.models.preprocess import Preprocess
from twinlib.verify.recognise.sface import SFace

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
SIZE, LENGTH = 16, 12
PLAIN = Preset(Preprocess(size=SIZE, mean=(0.0,) * 3, std=(1.0,) * 3))
CROPS = np.random.default_rng(0).integers(0, 256, (5, SIZE, SIZE, 3), np.uint8)
MATRIX = np.random.default_rng(1).normal(size=(3, LENGTH)).astype(np.float32)


def network(
    tmp_path,
    shape=("N", 3, SIZE, SIZE),
    kind=onnx.TensorProto.FLOAT,
    axes=(2, 3),
    out=("N", LENGTH),
    more=False,
    second=3,
    columns=LENGTH,
):
    """Mean colour times a matrix; with `more`, an output that comes besides: the mean colour, or the same vector."""
    h = onnx.helper
    nodes = [
        h.make_node("Cast", ["x"], ["f"], to=onnx.TensorProto.FLOAT),
        h.make_node("ReduceMean", ["f", "axes"], ["colour"], keepdims=0),
        h.make_node("MatMul", ["colour", "w"], ["e"]),
    ]
    outputs = [h.make_tensor_value_info("e", onnx.TensorProto.FLOAT, out)]
    if more:
        nodes.append(h.make_node("Identity", ["colour" if second == 3 else "e"], ["colours"]))
        outputs.append(h.make_tensor_value_info("colours", onnx.TensorProto.FLOAT, ["N", second]))
    matrix = np.ascontiguousarray(MATRIX[:, :columns])
    weights = [
        onnx.numpy_helper.from_array(matrix, "w"),
        onnx.numpy_helper.from_array(np.array(axes, np.int64), "axes"),
    ]
    graph = h.make_graph(nodes, "g", [h.make_tensor_value_info("x", kind, shape)], outputs, weights)
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 18)], ir_version=9)
    file = tmp_path / "net.onnx"
    file.write_bytes(model.SerializeToString())
    return file


def wanted(crops=CROPS):
    return crops.astype(np.float32).mean((1, 2)) @ MATRIX


def served(file, preset=PLAIN):
    found = OnnxFile(file, preset)
    np.testing.assert_allclose(found(CROPS), wanted(), rtol=1e-4, atol=1e-3)
    return found.notes


def test_the_usual_form_is_served_in_any_number(tmp_path):
    file = network(tmp_path)
    assert served(file) == []
    found = OnnxFile(file, PLAIN)
    many = np.tile(CROPS, (9, 1, 1, 1))
    np.testing.assert_allclose(found(many), wanted(many), rtol=1e-4, atol=1e-3)


def test_tiny_numbers_are_kept_outside_the_network(tmp_path):
    OnnxFile(network(tmp_path), PLAIN)(CROPS)
    assert np.float32(1e-40) * np.float32(0.5) > 0


def test_bgr_is_turned(tmp_path):
    turned = Preset(Preprocess(size=SIZE, mean=(0.0,) * 3, std=(1.0,) * 3, channels="BGR"))
    np.testing.assert_allclose(
        OnnxFile(network(tmp_path), turned)(CROPS), wanted(CROPS[..., ::-1]), rtol=1e-4, atol=1e-3
    )


@pytest.mark.parametrize(
    ("how", "note"),
    [
        ({"shape": ("N", SIZE, SIZE, 3), "axes": (1, 2)}, "the channels are the last axis"),
        ({"shape": (3, SIZE, SIZE), "axes": (1, 2), "out": (LENGTH,)}, "there is no batch axis"),
        ({"shape": (2, 3, SIZE, SIZE), "out": (2, LENGTH)}, "the batch is fixed at 2"),
        ({"more": True, "out": ("N", LENGTH)}, "2 outputs; e was taken"),
    ],
)
def test_other_forms_are_served_and_told(tmp_path, how, note):
    assert served(network(tmp_path, **how)) == [note]


@pytest.mark.parametrize(
    "how",
    [
        {"shape": (1, 3, SIZE, SIZE), "out": (1, LENGTH)},
        {"shape": ("a", "b", "c", "d"), "out": ("a", "e")},
        {"kind": onnx.TensorProto.UINT8},
        {"kind": onnx.TensorProto.FLOAT16},
        {"kind": onnx.TensorProto.DOUBLE},
        {"shape": (-1, 3, SIZE, SIZE)},
    ],
)
def test_other_forms_that_need_no_word(tmp_path, how):
    assert served(network(tmp_path, **how)) == []


def test_weights_among_the_inputs_are_taken_as_constants(tmp_path):
    """As the zoo's SFace comes; the copy that ships has them taken off."""
    model = onnx.load_from_string(shipped(SFACE))
    for weight in model.graph.initializer:
        model.graph.input.append(onnx.helper.make_tensor_value_info(weight.name, weight.data_type, list(weight.dims)))
    file = tmp_path / "sface.onnx"
    file.write_bytes(model.SerializeToString())
    found = OnnxFile(file, PRESETS["sface"])
    assert "of its inputs are weights" in found.notes[0]
    crops = np.random.default_rng(0).integers(0, 256, (2, 112, 112, 3), np.uint8)
    e = found(crops)
    np.testing.assert_allclose(e / np.linalg.norm(e, axis=1, keepdims=True), SFace().embed(crops), atol=1e-5)


@pytest.mark.parametrize(
    ("how", "match"),
    [
        ({"shape": ("N", 3, 20, 20)}, r"preset gives pictures of 3 × 16 × 16 .*takes \['N', 3, 20, 20\]"),
        ({"more": True, "second": LENGTH}, r"found 2 among: e \['N', 12\] of tensor\(float\), colours"),
        ({"out": ("N", 3), "columns": 3}, r"found 0 among: e \['N', 3\] of tensor"),
        ({"kind": onnx.TensorProto.INT64}, r"found tensor\(int64\)"),
    ],
)
def test_what_cannot_be_served_is_named_with_what_was_found(tmp_path, how, match):
    with pytest.raises(InputError, match=rf"net\.onnx.*{match}"):
        OnnxFile(network(tmp_path, **how), PLAIN)


@pytest.mark.parametrize("kind", ["Reshape", "ReduceMean"])
def test_a_batch_that_the_export_folded_into_one_is_named(tmp_path, kind):
    """Or vectors of one picture would be taken for those of another."""
    file = network(tmp_path)
    model, h = onnx.load(file), onnx.helper
    model.graph.initializer.append(
        onnx.numpy_helper.from_array(np.array([1, -1] if kind == "Reshape" else [0], np.int64), "how")
    )
    model.graph.node.append(h.make_node(kind, ["e", "how"], ["one"]))
    model.graph.output[0].name = "one"
    file.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=r"net\.onnx: for 5 pictures it gives \[1, (60|12)\]\. Export it"):
        OnnxFile(file, PLAIN)(CROPS)


def test_bytes_are_not_scaled(tmp_path):
    with pytest.raises(InputError, match="takes bytes"):
        OnnxFile(network(tmp_path, kind=onnx.TensorProto.UINT8), Preset(Preprocess(size=SIZE)))


def test_two_inputs_are_named(tmp_path):
    file = network(tmp_path)
    model = onnx.load(file)
    model.graph.input.append(onnx.helper.make_tensor_value_info("boxes", onnx.TensorProto.FLOAT, ["N", 4, 4]))
    model.graph.node.append(onnx.helper.make_node("Identity", ["boxes"], ["kept"]))
    file.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match=r"found 2: x \[.*boxes"):
        OnnxFile(file, PLAIN)


def test_a_network_that_fails_on_a_picture_is_named(tmp_path):
    """Its shape says that any size will do; its matrix does not."""
    file = network(tmp_path, shape=("a", "b", "c", "d"), axes=(1, 2), out=("a", "e"))
    with pytest.raises(InputError, match=r"net\.onnx fails on a picture"):
        OnnxFile(file, PLAIN)(CROPS)


@pytest.mark.parametrize("content", [b"", b"no network", b"\x08\x07"])
def test_what_is_no_onnx_is_named(tmp_path, content):
    (tmp_path / "net.onnx").write_bytes(content)
    with pytest.raises(InputError, match=r"net\.onnx is no ONNX file"):
        OnnxFile(tmp_path / "net.onnx", PLAIN)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.onnx does not exist"):
        OnnxFile(tmp_path / "none.onnx", PLAIN)


def ending(file, kind, **how):
    """The network with one more step at its end."""
    model = onnx.load(file)
    model.graph.node.append(onnx.helper.make_node(kind, ["e"], ["end"], **how))
    model.graph.output[0].name = "end"
    model.graph.output[0].type.tensor_type.elem_type = how.get("to", onnx.TensorProto.FLOAT)
    file.write_bytes(model.SerializeToString())
    return file


def test_a_network_whose_answer_depends_on_chance_is_refused(tmp_path):
    """As one exported in training mode, whose dropout is on."""
    with pytest.raises(InputError, match=r"net\.onnx: one picture got two embeddings .* evaluation mode"):
        OnnxFile(ending(network(tmp_path), "RandomNormalLike"), PLAIN).refuse_unsteady()
    OnnxFile(network(tmp_path), PLAIN).refuse_unsteady()


def test_a_network_whose_answer_depends_on_its_company_is_refused(tmp_path):
    """As with the statistics of a batch in place of learned ones."""
    file = network(tmp_path)
    model = onnx.load(file)
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([0], np.int64), "first"))
    model.graph.node.append(onnx.helper.make_node("ReduceMean", ["e", "first"], ["mean"]))
    model.graph.node.append(onnx.helper.make_node("Sub", ["e", "mean"], ["end"]))
    model.graph.node.append(onnx.helper.make_node("Exp", ["end"], ["grown"]))
    model.graph.output[0].name = "grown"
    file.write_bytes(model.SerializeToString())
    with pytest.raises(InputError, match="one picture got two embeddings"):
        OnnxFile(file, PLAIN).refuse_unsteady()


@pytest.mark.parametrize("kind", ["STRING", "BOOL"])
def test_outputs_that_are_no_numbers_are_named(tmp_path, kind):
    with pytest.raises(InputError, match=rf"found 0 among: end .* of tensor\({kind.lower()}\)"):
        OnnxFile(ending(network(tmp_path), "Cast", to=getattr(onnx.TensorProto, kind)), PLAIN)
