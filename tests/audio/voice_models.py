"""Models small enough to write here, in the form sherpa-onnx reads: real files, simple rules.

They know no speech. The segmentation says "one speaker" wherever it is loud; the model of voices
looks at the lowest bands, where a low and a high voice differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

_CLASSES = 7  # nobody; each of three speakers; each pair of them
_WINDOW = 16_000
_FRAME, _SHIFT = 640, 320
_BANDS = 10
SEGMENTATION_NOTES: Mapping[str, Any] = {
    "model_type": "pyannote-segmentation-3.0",
    "num_speakers": 3,
    "powerset_max_classes": 2,
    "num_classes": _CLASSES,
    "sample_rate": 16_000,
    "window_size": _WINDOW,
    "receptive_field_size": _FRAME,
    "receptive_field_shift": _SHIFT,
}
EMBEDDING_NOTES: Mapping[str, Any] = {
    "framework": "wespeaker",
    "language": "zh",
    "output_dim": _BANDS,
    "sample_rate": 16_000,
    "normalize_samples": 1,
    "comment": "written by the tests",
}


def segmentation(path: Path, notes: Mapping[str, Any] = SEGMENTATION_NOTES) -> Path:
    """Sound (1, 1, n) → classes (1, frames, 7): speaker 1 where the mean magnitude is over 0.01."""
    weights = np.zeros((_CLASSES, 1, 1), dtype=np.float32)
    weights[1] = 1.0
    bias = np.full(_CLASSES, -9.0, dtype=np.float32)
    bias[0], bias[1] = 0.01, 0.0
    nodes = [
        helper.make_node("Abs", ["x"], ["size"]),
        helper.make_node(
            "AveragePool", ["size"], ["level"], kernel_shape=[_FRAME], strides=[_SHIFT]
        ),
        helper.make_node("Conv", ["level", "weights", "bias"], ["columns"]),
        helper.make_node("Transpose", ["columns"], ["y"], perm=[0, 2, 1]),
    ]
    constants = [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")]
    return _save(path, nodes, constants, ["N", 1, "T"], ["N", "F", _CLASSES], notes)


def embedding(path: Path, notes: Mapping[str, Any] = EMBEDDING_NOTES) -> Path:
    """Filter bank (1, frames, 80) → the mean of its lowest bands, less their own mean.

    The lowest bands hold the first harmonics, which lie elsewhere for a low and a high voice.
    """
    nodes = [
        helper.make_node("Slice", ["x", "first", "last", "axis"], ["low"]),
        helper.make_node("ReduceMean", ["low"], ["level"], axes=[2], keepdims=1),
        helper.make_node("Sub", ["low", "level"], ["shape"]),
        helper.make_node("ReduceMean", ["shape"], ["y"], axes=[1], keepdims=0),
    ]
    ends = {"first": [0], "last": [_BANDS], "axis": [2]}
    constants = [numpy_helper.from_array(np.array(v), k) for k, v in ends.items()]
    return _save(path, nodes, constants, ["N", "T", 80], ["N", _BANDS], notes)


def _save(
    path: Path,
    nodes: list[Any],
    constants: list[Any],
    inputs: list[Any],
    outputs: list[Any],
    notes: Mapping[str, Any],
) -> Path:
    graph = helper.make_graph(
        nodes,
        "voices",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, inputs)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, outputs)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    for key, value in notes.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, str(value)
    onnx.save(model, str(path))
    return path
