"""What a SavedModel says of its graph: tensors, signatures, and the words that stand for them (tf.saved_model)."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Tensor
from ..graph.types import DType, float32, string
from ..graphdef.tensors import put_shape, put_tensor
from ..wire.messages import message
from .context import get_default_graph
from .sparse_tensor import SparseTensor

EXPORTS = """
saved_model: build_tensor_info get_tensor_from_tensor_info build_signature_def predict_signature_def
saved_model: regression_signature_def classification_signature_def is_valid_signature
saved_model.utils: build_tensor_info get_tensor_from_tensor_info
saved_model.signature_def_utils: build_signature_def predict_signature_def regression_signature_def
saved_model.signature_def_utils: classification_signature_def is_valid_signature
saved_model.signature_constants: DEFAULT_SERVING_SIGNATURE_DEF_KEY CLASSIFY_INPUTS CLASSIFY_METHOD_NAME
saved_model.signature_constants: CLASSIFY_OUTPUT_CLASSES CLASSIFY_OUTPUT_SCORES PREDICT_INPUTS PREDICT_METHOD_NAME
saved_model.signature_constants: PREDICT_OUTPUTS REGRESS_INPUTS REGRESS_METHOD_NAME REGRESS_OUTPUTS
saved_model.tag_constants: SERVING TRAINING EVAL GPU TPU
saved_model: SERVING TRAINING GPU TPU DEFAULT_SERVING_SIGNATURE_DEF_KEY CLASSIFY_INPUTS CLASSIFY_METHOD_NAME
saved_model: CLASSIFY_OUTPUT_CLASSES CLASSIFY_OUTPUT_SCORES PREDICT_INPUTS PREDICT_METHOD_NAME PREDICT_OUTPUTS
saved_model: REGRESS_INPUTS REGRESS_METHOD_NAME REGRESS_OUTPUTS
"""

DEFAULT_SERVING_SIGNATURE_DEF_KEY = "serving_default"
CLASSIFY_INPUTS = PREDICT_INPUTS = REGRESS_INPUTS = "inputs"
CLASSIFY_METHOD_NAME = "tensorflow/serving/classify"
CLASSIFY_OUTPUT_CLASSES, CLASSIFY_OUTPUT_SCORES = "classes", "scores"
PREDICT_METHOD_NAME = "tensorflow/serving/predict"
PREDICT_OUTPUTS = REGRESS_OUTPUTS = "outputs"
REGRESS_METHOD_NAME = "tensorflow/serving/regress"
SERVING, TRAINING, EVAL, GPU, TPU = "serve", "train", "eval", "gpu", "tpu"


def build_tensor_info(tensor: Any) -> Any:
    """The TensorInfo of a tensor, dense or sparse: name, dtype and shape (tf.saved_model.build_tensor_info)."""
    made = message("TensorInfo")()
    if isinstance(tensor, SparseTensor):
        made.coo_sparse.values_tensor_name = tensor.values.name
        made.coo_sparse.indices_tensor_name = tensor.indices.name
        made.coo_sparse.dense_shape_tensor_name = tensor.dense_shape.name
        static: Any = tensor.get_shape().tuple
    else:
        found = get_default_graph().as_graph_element(tensor, allow_operation=False) \
            if not isinstance(tensor, Tensor) else tensor
        made.name, static = found.name, found.static
    made.dtype = tensor.dtype.base_dtype.enum
    put_shape(made.tensor_shape, static)
    return made


def get_tensor_from_tensor_info(tensor_info: Any, graph: Any = None, import_scope: str | None = None) -> Any:
    """The tensor of a TensorInfo in a graph (tf.saved_model.get_tensor_from_tensor_info).

    Raises InvalidValue or NotFound where the graph has it not.
    """
    graph = get_default_graph() if graph is None else graph
    lead = f"{import_scope}/" if import_scope else ""

    def named(name: str) -> Any:
        return graph.get_tensor_by_name(lead + name)

    kind = tensor_info.WhichOneof("encoding")
    if kind == "name":
        return named(tensor_info.name)
    if kind == "coo_sparse":
        sparse = tensor_info.coo_sparse
        return SparseTensor(named(sparse.indices_tensor_name), named(sparse.values_tensor_name),
                            named(sparse.dense_shape_tensor_name))
    raise InvalidValue(f"Invalid TensorInfo.encoding: {kind}")


def build_signature_def(inputs: Mapping[str, Any] | None = None, outputs: Mapping[str, Any] | None = None,
                        method_name: str | None = None, defaults: Mapping[str, Any] | None = None) -> Any:
    """A SignatureDef of TensorInfos by name (tf.saved_model.build_signature_def).

    defaults: constants for inputs that need not be given. Raises InvalidValue for tensors that are none.
    """
    made = message("SignatureDef")()
    for proto, given in ((made.inputs, inputs), (made.outputs, outputs)):
        for key, info in (given or {}).items():
            proto[key].CopyFrom(info)
    if method_name is not None:
        made.method_name = method_name
    for key, tensor in (defaults or {}).items():
        if tensor.op.type != "Const":
            raise InvalidValue(f"the default of {key!r} is no constant: {tensor!r}")
        put_tensor(made.defaults[key], tensor.op.attrs["value"])
    return made


def predict_signature_def(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> Any:
    """The signature of a model that takes and gives tensors by name (tf.saved_model.predict_signature_def)."""
    if not inputs or not outputs:
        raise InvalidValue(f"Prediction `{'outputs' if inputs else 'inputs'}` cannot be None or empty.")
    return build_signature_def({k: build_tensor_info(t) for k, t in inputs.items()},
                               {k: build_tensor_info(t) for k, t in outputs.items()}, PREDICT_METHOD_NAME)


def _checked(tensor: Any, what: str, dtype: DType, word: str) -> Any:
    if not isinstance(tensor, Tensor):
        raise InvalidValue(f"{what} must be a tensor, not {type(tensor)}")
    if tensor.dtype.base_dtype is not dtype:
        raise InvalidValue(f"{what} must be of type {word}. Found tensors with type {tensor.dtype.enum}.")
    return build_tensor_info(tensor)


def regression_signature_def(examples: Any, predictions: Any) -> Any:
    """The signature of a model from serialized examples to numbers (tf.saved_model.regression_signature_def).

    Raises InvalidValue unless the examples are strings and the predictions float32.
    """
    given = _checked(examples, "Regression `examples`", string, "string")
    made = _checked(predictions, "Regression output tensors", float32, "float")
    return build_signature_def({REGRESS_INPUTS: given}, {REGRESS_OUTPUTS: made}, REGRESS_METHOD_NAME)


def classification_signature_def(examples: Any, classes: Any, scores: Any) -> Any:
    """The signature of a model from serialized examples to classes, scores, or both
    (tf.saved_model.classification_signature_def). Raises InvalidValue for other dtypes, or neither."""
    given = _checked(examples, "Classification `examples`", string, "string")
    if classes is None and scores is None:
        raise InvalidValue("Classification `classes` and `scores` cannot both be None.")
    made = {}
    if classes is not None:
        made[CLASSIFY_OUTPUT_CLASSES] = _checked(classes, "Classification classes", string, "string")
    if scores is not None:
        made[CLASSIFY_OUTPUT_SCORES] = _checked(scores, "Classification scores", float32, "float")
    return build_signature_def({CLASSIFY_INPUTS: given}, made, CLASSIFY_METHOD_NAME)


def is_valid_signature(signature_def: Any) -> bool:
    """Whether a signature is one of prediction, classification or regression (tf.saved_model.is_valid_signature)."""
    if signature_def is None:
        return False
    ins = {k: i.dtype for k, i in signature_def.inputs.items()}
    outs = {k: i.dtype for k, i in signature_def.outputs.items()}
    method = signature_def.method_name
    if method == PREDICT_METHOD_NAME:
        return bool(ins) and bool(outs)
    if method == REGRESS_METHOD_NAME:
        return ins == {REGRESS_INPUTS: string.enum} and outs == {REGRESS_OUTPUTS: float32.enum}
    if method == CLASSIFY_METHOD_NAME:
        known = {CLASSIFY_OUTPUT_CLASSES: string.enum, CLASSIFY_OUTPUT_SCORES: float32.enum}
        return ins == {CLASSIFY_INPUTS: string.enum} and bool(outs) and outs.items() <= known.items()
    return False


def check_signature(signature_def: Any) -> None:
    """Raises InvalidValue for a tensor without a name or a dtype."""
    for infos in (signature_def.inputs, signature_def.outputs):
        for key, info in infos.items():
            if info.WhichOneof("encoding") is None:
                raise InvalidValue(f"the tensor {key!r} of a signature has no name")
            if not info.dtype:
                raise InvalidValue(f"the tensor {key!r} of a signature has no dtype")


def check_signatures(signature_def_map: Any) -> None:
    """Raises InvalidType or InvalidValue for what is no mapping of signatures."""
    if not isinstance(signature_def_map, Mapping):
        raise InvalidType(f"signatures are a mapping of names to SignatureDefs, not {said(signature_def_map)}")
    for signature in signature_def_map.values():
        check_signature(signature)
