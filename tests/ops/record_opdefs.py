"""Writes opdefs.json: TensorFlow's own signatures of the op types of TF1's vocabulary.

    python tests/ops/record_opdefs.py        # in an environment with TensorFlow

Where that is TensorFlow 1.15, it adds the op types that are only there.
The test beside it compares ours with what is recorded; it needs no TensorFlow.
"""
from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = Path(__file__).parent
CONTRIB = ("factorization", "tensor_forest.python.ops.tensor_forest_ops", "layers.python.ops.sparse_feature_cross_op",
           "text", "framework", "image", "image.python.ops.distort_image_ops", "resampler", "periodic_resample")
"""Modules of tf.contrib that bring op types."""
EARLIER = ("BatchFunction", "ImageProjectiveTransformV2")
"""Op types that TensorFlow 2 has given other attrs: they stay as TensorFlow 1.15 has them."""
LEFT_OUT = re.compile(
    "_|.*(Dataset|Quant|TPU|Xla|Collective|Iterator|Rpc|Nccl|Cudnn|Resource(Accum|Cond|Strided)|Ragged|Boosted|Tensor(List|Map|Forest)|"
    "Sparse(Matrix|Cross)|Barrier|Queue|Reader|Stage|Tables?(V2)?$|HashTable|Jpeg|Png|Gif|Bmp|Wav|(De|En)code(?!Base64)|Parse|Mkl|"
    "Risc|Tflite|"
    "Uniform(De|Re)?[Qq]|Stateless(?!(If|While)$)|Audio(?!Summary)|NonMax|Map(Stage|Clear|Peek|Size)|Load|Batch(Function|IFFT|FFT|Cholesky|Matrix"
    "(De|Di|In|So|Tr|Ba|Se)|Svd|Self)|Kmeans|KMC|Fused(Pad|Resize)|Infeed|Outfeed|Experimental|Debug|"
    "Sdca|Delete|Initialize(?!d)|Optional|Mutex|Lookup|Delay|Send|Recv|Generate|Bytes|Adjust|Crop|Draw|ImageProj|Extract"
    "(Glimpse|Jpeg)|Text|Tokeni|Unicode|Ctc|CTC)")

KEPT = re.compile("(Empty)?TensorList|"
                  "Stateless(Random(Uniform|Normal|Get(KeyCounter|Alg)$).*|TruncatedNormal.*|Multinomial)$|"
                  "Adjust(Hue|Saturation|Contrastv2)$|CropAndResize|ResourceStridedSliceAssign$|PyFuncStateless$|NonMaxSuppression(V[23])?$|"
                  "CTC(GreedyDecoder|BeamSearchDecoder|Loss)$|Decode(Raw|CSV)$|(Tensor(Slice)?|Range|TextLine|TFRecord|Repeat|Shuffle|Take|Skip|Shard|Prefetch|Cache|Zip|"
                  "Concatenate|Map|Filter|FlatMap|Interleave|Generator|Rewrite)Dataset$|(Padded)?BatchDatasetV2$|"
                  "ParallelMapDatasetV2$|ParallelInterleaveDatasetV4$|(Make|OneShot)?Iterator$|IteratorV2$|IteratorGetNext$|"
                  "IteratorToStringHandle$|IteratorFromStringHandleV2$|ExtractGlimpse$|StatelessCase$|HashTableV2$|"
                  "LookupTable(Import|Find|Size|Export)V2$|InitializeTable(FromTextFile)?V2$|(Read|Write)File$|Parse(Single)?(Sequence)?Example(V2)?$|ParseTensor$|"
                  "(Window|Unbatch|ShuffleAndRepeat|MapAndBatch|GroupByWindow|Scan|TakeWhile|IgnoreErrors|"
                  "Unique|Reduce|DirectedInterleave|Options|ParallelBatch|DenseToSparseBatch|Random|SparseTensorSlice|"
                  "AssertCardinality)Dataset$|LegacyParallelInterleaveDatasetV2$|ParseExampleDatasetV2$|"
                  "FixedLengthRecordDatasetV2$|DatasetToSingleElement$|DatasetCardinality$|IteratorGetNextAsOptional$|"
                  "Optional(FromValue|None|HasValue|GetValue)$|(Padding)?FIFOQueueV2$|RandomShuffleQueueV2$|"
                  "Resource(Conditional)?Accumulator|FakeQuant|"
                  "Queue(Enqueue|EnqueueMany|Dequeue|DequeueMany|DequeueUpTo|Close|IsClosed|Size)V2$|"
                  "(WholeFile|TextLine|TFRecord|FixedLengthRecord|Identity)ReaderV2$|"
                  "Reader(Read|ReadUpTo|NumRecordsProduced|NumWorkUnitsCompleted|Reset)V2$|DeserializeSparse$|Decode(Png|Image)$|SparseCross(V2)?$|CSVDatasetV2$|"
                  "(De|En)codeWav$|Audio|Mfcc$|(Combined)?NonMaxSuppression|DrawBoundingBoxes|RandomCrop$|AdjustContrast$|"
                  "Quantize(V2|AndDequantize(V[23])?|DownAndShrinkRange)$|Dequantize$|Requantiz(e|ationRange)$|"
                  "Quantized(MatMul|Conv2D|BiasAdd|Relu|Relu6|ReluX|MaxPool|AvgPool|Concat|Reshape|Add|Mul|BatchNorm.*)$|"
                  "DecodeCompressed$|Ragged(Range|TensorToSparse)$")


INDEX = HERE.parent.parent / "graphcli" / "ops" / "_index.py"
OURS = frozenset(re.findall(r'^    "(\w+)":', INDEX.read_text(), re.M))
"""The op types that are there already, whatever their names say."""


def argument(arg: Any, dtype: Any) -> list[Any]:
    return [arg.name, dtype(arg.type).name if arg.type else "", arg.type_attr, arg.number_attr,
            arg.type_list_attr, arg.is_ref]


def attribute(attr: Any, dtype: Any) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        kind = value.WhichOneof("value")
        if kind == "type":
            return dtype(value.type).name
        if kind == "shape":
            return None if value.shape.unknown_rank else [d.size for d in value.shape.dim]
        if kind == "list":
            each = value.list
            return [dtype(t).name for t in each.type] or [s.decode() for s in each.s] or list(each.i) or \
                list(each.f) or list(each.b)
        found = getattr(value, kind)
        if isinstance(found, bytes):
            return found.decode()
        return found if isinstance(found, (bool, int, float, str)) else str(found)

    out: dict[str, Any] = {"type": attr.type}
    if attr.HasField("default_value"):
        out["default"] = plain(attr.default_value)
    if attr.HasField("allowed_values"):
        out["allowed"] = sorted(plain(attr.allowed_values))
    if attr.has_minimum:
        out["minimum"] = attr.minimum
    return out


def _names() -> list[str]:
    import tensorflow as tf

    # raw_ops leaves out the other op of tf.py_func
    return [*(n for n in dir(tf.raw_ops) if n[0].isupper()), "PyFuncStateless"]


def _earlier() -> Any:
    """The registry of TensorFlow 1.15."""
    from importlib import import_module

    from tensorflow.python.framework import op_def_registry

    for module in CONTRIB:
        import_module(f"tensorflow.contrib.{module}")
    return op_def_registry.get_registered_ops().get


def main() -> None:
    import tensorflow as tf
    from tensorflow.python.framework import dtypes, op_def_registry

    before = json.loads((HERE / "opdefs.json").read_text())
    if tf.__version__.startswith("1."):
        get, names, rows = _earlier(), sorted(OURS - set(before)), before
    else:
        get, names = op_def_registry.get, _names()
        rows = {name: before[name] for name in OURS & set(before) if get(name) is None or name in EARLIER}
    for name in names:
        if name in rows and name in EARLIER or LEFT_OUT.match(name) and not KEPT.match(name) and name not in OURS:
            continue
        found = get(name)
        if found is not None:
            rows[name] = {"inputs": [argument(a, dtypes.as_dtype) for a in found.input_arg],
                          "outputs": [argument(a, dtypes.as_dtype) for a in found.output_arg],
                          "attrs": {a.name: attribute(a, dtypes.as_dtype) for a in found.attr},
                          "stateful": found.is_stateful}
    lines = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(rows.items())]
    (HERE / "opdefs.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
