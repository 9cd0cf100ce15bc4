"""The names of TF1 that an expression may use, and what it may ask of their values.

``graphcli.tf1`` offers more than a spec may say (scopes are statements, sessions are not the
spec's): what is refused here is either a statement of the language or no part of a graph.
"""

from __future__ import annotations

import inspect
import re
from functools import cached_property, lru_cache
from types import ModuleType
from typing import Any

from ..errors import NotSupported
from ..tf1.absent import Absent

SUBMODULES = (
    "nn",
    "math",
    "linalg",
    "train",
    "summary",
    "random",
    "initializers",
    "bitwise",
    "strings",
    "dtypes",
    "losses",
    "metrics",
    "debugging",
    "image",
    "manip",
    "spectral",
    "signal",
    "layers",
    "distributions",
    "sparse",
    "sets",
    "feature_column",
    "audio",
    "quantization",
    "io",
    "compat",
    "raw_ops",
    "ragged",
)
"""The modules of the language: an expression may begin with any of them, and go on to those below."""
SEARCH = ("nn", "math", "linalg", "train", "summary", "random", "initializers", "bitwise")

_REFUSED = re.compile(
    r"_|(Interactive)?Session|gfile|read_file|write_|export_|load_|import_|Graph$|.*Def$|AttrValue$|Tensor$|Operation$|"
    r"get_default|init_scope$|executing_eagerly|control_flow_v2_enabled$|logging$|nest$|"
    r"reset_default|(variable|name|variable_op)_scope|op_scope|device$|app$|flags|control_dependencies|"
    r"colocate_with|container|(en|dis)able_|Monitored|Supervisor|Server|Scaffold|apply_op|lookup$|"
    r"(QueueR|LooperT|Coordinator|NanTensor|NanLoss|SecondOrStep|start_queue|.*Hook$|.*Listener$|.*Creator$|"
    r"SessionRun|SessionManager|SingularMon|.*Reader$|.*Queue$|FileWriter|Saver|.*Checkpoint)|"
    r"(Tagged)?Run(Metadata|Options)|Summary(Metadata|Description)?$|HistogramProto|Event$|SessionLog|summary_iterator|"
    r"get_summary_description|.*checkpoint|list_variables|make_(ndarray|tensor_proto)$|(VERSION|version)$"
)
_STATEMENTS = {
    "variable_scope": "- scope: NAME",
    "name_scope": "- name_scope: NAME",
    "device": "- device: DEVICE",
    "control_dependencies": "- control_dependencies: [A]",
    "colocate_with": "- colocate_with: A",
}
_COMMANDS = {
    "Session": "graphcli run runs the graph",
    "InteractiveSession": "graphcli run runs the graph",
    "Saver": "train --save and run --restore write and read checkpoints",
    "FileWriter": "run --logdir and train --logdir write summaries",
}

ATTRIBUTES = frozenset(
    "shape dtype graph name op device get_shape set_shape assign assign_add assign_sub "
    "initialized_value value read_value initializer initial_value scatter_add scatter_sub scatter_update "
    "minimize compute_gradients apply_gradients get_slot get_slot_names get_name variables apply average "
    "average_name type inputs outputs ndims as_list dims base_dtype size is_floating values idx indices y "
    "count mean variance dense_shape with_values reuse original_name_scope trainable "
    "sampled_candidates true_expected_count sampled_expected_count merge_with rank "
    "c zero_state state_size output_size trainable_variables kernel bias losses updates "
    "min max output_index y_backprop running_mean e v q r s u lu p "
    "sample log_prob prob log_cdf cdf survival_function log_survival_function entropy stddev mode kl_divergence "
    "cross_entropy loc scale low high logits probs concentration1 concentration0 batch_shape event_shape".split()
)
"""What may be read of a value; all else stays inside Python."""
_ARRAY = frozenset(
    "identity read write stack unstack gather scatter concat split close handle flow element_shape".split()
)
"""What may be read of a TensorArray beside that."""

_RAGGED = frozenset(
    "from_row_splits from_row_lengths from_row_starts from_row_limits from_value_rowids from_nested_row_splits "
    "from_nested_row_lengths from_nested_value_rowids from_tensor from_sparse row_splits flat_values nested_row_splits "
    "ragged_rank value_rowids nested_value_rowids nrows row_starts row_limits row_lengths nested_row_lengths "
    "bounding_shape with_flat_values with_row_splits_dtype to_tensor to_sparse".split()
)
"""What may be read of a ragged tensor, and of their class, beside that."""


CODE = frozenset("read_file write_file py_func py_function numpy_function contrib custom_gradient grad_pass_through "
                 "make_template RegisterGradient NotDifferentiable NoGradient no_gradient Dataset TextLineDataset "
                 "TFRecordDataset FixedLengthRecordDataset Iterator make_one_shot_iterator "
                 "make_initializable_iterator FIFOQueue PaddingFIFOQueue RandomShuffleQueue PriorityQueue QueueBase "
                 "QueueRunner ConditionalAccumulator SparseConditionalAccumulator "
                 "add_queue_runner start_queue_runners queue_runner batch batch_join shuffle_batch shuffle_batch_join "
                 "input_producer range_input_producer slice_input_producer string_input_producer limit_epochs "
                 "FixedLengthRecordReader IdentityReader TFRecordReader TextLineReader WholeFileReader "
                 "matching_files match_filenames_once TFRecordWriter tf_record_iterator".split())
"""Refused whatever a module offers."""


class Vocabulary:
    """The names of ``tf`` and its submodules."""

    def __init__(self, tf: Any) -> None:
        self.tf = tf
        self.found: dict[str, Any] = {}

    @cached_property
    def modules(self) -> dict[str, Any]:
        found = {name: getattr(self.tf, name, None) for name in SUBMODULES}
        return {"tf": self.tf} | {k: v for k, v in found.items() if v is not None}

    @cached_property
    def module_type(self) -> type:
        return type(self.modules["nn"])

    def is_module(self, value: Any) -> bool:
        return isinstance(value, (ModuleType, self.module_type)) or value is self.tf

    def bare(self, name: str) -> Any:
        """What a bare name means in ``tf``, then in its submodules; None if nothing."""
        found = self.found.get(name, self)
        if found is self:
            found = self.found[name] = self._search(name)
        return found

    def _search(self, name: str) -> Any:
        if name in self.modules:
            return self.modules[name]
        self.refuse(name)
        if not _REFUSED.match(name):
            for module in (self.tf, *(self.modules[m] for m in SEARCH if m in self.modules)):
                value = getattr(module, name, None)
                if value is not None and not self.is_module(value) and not isinstance(value, Absent):
                    return value
        self.explain(name, bare=True)
        return None

    def member(self, module: Any, name: str) -> Any:
        """``module.name``, or None."""
        self.refuse(name)
        value = getattr(module, name, None)
        if isinstance(value, Absent):
            value = None
        if value is None or _REFUSED.match(name) and not self.is_module(value):
            self.explain(name, module=value is None)
            return None
        if self.is_module(value) and not self._is_of_language(module, value):
            self.explain(name, module=True)
            return None
        return value

    def _is_of_language(self, module: Any, value: Any) -> bool:
        """Whether a member that is a module may be used: modules of ``tf`` that are not listed read and write files."""
        if any(value is m for m in self.modules.values()):
            return True
        compat = self.modules.get("compat")
        return module is not self.tf and module is not getattr(compat, "v1", None) and not isinstance(value, ModuleType)

    def explain(self, name: str, bare: bool = False, module: bool = False) -> None:
        """Raises for what TensorFlow has and a spec has not, if that has a reason. module: also if others have it."""
        from .left_out import EVERYDAY, reason_for

        why = None if bare and name in EVERYDAY else reason_for(name)
        if why is not None and (module or name in CODE or not any(name in dir(m) for m in self.modules.values())):
            raise NotSupported(f"{name} is refused: {why[0]}", hint=why[1])

    def refuse(self, name: str) -> None:
        """Raises for what no spec may call, whatever a module offers."""
        if name in CODE:
            self.explain(name)
        if name in _STATEMENTS:
            raise NotSupported(f"{name} is no function of a spec", hint=f"it is a statement: {_STATEMENTS[name]}")
        if name in _COMMANDS:
            raise NotSupported(f"{name} is no part of a graph", hint=_COMMANDS[name])

    def elsewhere(self, name: str) -> str | None:
        """The hint for a function that stands in modules in which a bare name is not looked for."""
        found = [f"{m}.{name}" for m, module in self.modules.items() if m not in ("tf", "raw_ops", *SEARCH)
                 and not _REFUSED.match(name) and name in dir(module)]
        return f"did you mean {' or '.join(map(repr, found))}?" if found else None

    def readable(self, value: Any) -> frozenset[str]:
        """The attributes of a value that the language knows, whether it has them or not."""
        kind = value.__name__ if isinstance(value, type) else type(value).__name__
        return ATTRIBUTES | {"TensorArray": _ARRAY, "RaggedTensor": _RAGGED}.get(kind, frozenset())

    def is_choice(self, value: Any, word: str) -> bool:
        """Whether ``value.word`` is one of a class of constants: ``GraphKeys.LOSSES``, ``losses.Reduction.SUM``."""
        return word.isupper() and inspect.isclass(value) and isinstance(getattr(value, word, None), (str, int))

    @cached_property
    def initializers(self) -> Any:
        return self.modules.get("initializers")

    @cached_property
    def names(self) -> list[str]:
        """All that a bare name may be, for suggestions."""
        from ..tf1._names import NAMES

        out: dict[str, None] = {}
        for module in (self.tf, *(self.modules[m] for m in SEARCH if m in self.modules)):
            out.update((n, None) for n in dir(module) if not _REFUSED.match(n))
        # modules that are no part of the language
        return [n for n in out if n in self.modules or n not in NAMES]

    def members(self, module: Any) -> list[str]:
        return [n for n in dir(module) if not _REFUSED.match(n) and not (
            self.is_module(value := getattr(module, n, None)) and not self._is_of_language(module, value))]

    @cached_property
    def tensor(self) -> Any:
        return self.tf.Tensor

    @cached_property
    def variable(self) -> Any:
        return self.tf.Variable

    def is_tensor(self, value: Any) -> bool:
        if isinstance(value, self.tensor):
            return True
        # asked for only where it could be one: what has no variables does not load them
        return not isinstance(value, _PLAIN) and isinstance(value, self.variable)

    def takes_name(self, f: Any, args: int, keywords: Any) -> bool:
        """Whether ``name=`` may be added: to ops and Variable, not to objects and functions of the spec."""
        if "name" in keywords or getattr(f, "is_spec_function", False):
            return False
        if inspect.isclass(f):
            return f is self.variable and _position_is_free(_name_position(f), args)
        if inspect.isfunction(f):
            word = f.__name__
            if word in _UNNAMED and f is self.bare(word):
                return False
            if word in _NAMED and f is self.bare(word):
                return True
        bound = getattr(f, "__func__", None)
        return _position_is_free(_name_position(f if bound is None else bound), args + (bound is not None))


_PLAIN = (str, int, float, list, tuple, dict, type(None))
_UNNAMED = ("gradients", "hessians")
"""Functions whose name= v1 reads otherwise: gradients wants names that begin with its own."""
_NAMED = ("group", "meshgrid")
"""Functions that take name= among their **kwargs."""


def _position_is_free(position: int | None, args: int) -> bool:
    return position is not None and args <= position


@lru_cache(maxsize=4096)
def _name_position(f: Any) -> int | None:
    """At which positional argument ``name`` stands; None if there is none."""
    try:
        parameters = list(inspect.signature(f).parameters.values())
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in parameters) and any(p.name == "name" for p in parameters):
        return 1 << 30
    for i, p in enumerate(parameters):
        if p.name == "name":
            return 1 << 30 if p.kind is p.KEYWORD_ONLY else i
    return None
