"""Programs that import tensorflow run as they stand: ``python -m graphcli.tf1 SCRIPT``."""
from __future__ import annotations

import importlib
import os
import pydoc
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli
import graphcli.tf1 as tf
from graphcli.tf1 import stand_in
from graphcli.tf1.absent import Absent
from graphcli.tf1.absent_names import MODULES
from graphcli.tf1.absent_names import NAMES as NAMES_ABSENT
from graphcli.tf1.missing_names import INSTEAD
from graphcli.tf1.modules import modules

from .test_programs import NAMES, OURS, PROGRAMS, ROOT, TENSORFLOW

FOUND = [("tensorflow", "placeholder"), ("tensorflow.compat.v1", "get_variable"), ("tensorflow.nn", "relu"),
         ("tensorflow.contrib.rnn", "BasicLSTMCell"), ("tensorflow.contrib.slim", "fully_connected"),
         ("tf_slim", "batch_norm"), ("tf_slim.layers", "dropout"), ("tensorflow.contrib.framework", "arg_scope"),
         ("tensorflow.contrib.layers.python.layers.utils", "collect_named_outputs"),
         ("tensorflow.contrib.framework.python.ops", "add_arg_scope"),
         ("tensorflow.contrib.seq2seq.python.ops.attention_wrapper", "AttentionWrapper"),
         ("tensorflow.contrib.seq2seq.python.ops.decoder", "dynamic_decode"),
         ("tensorflow.contrib.crf.python.ops.crf", "crf_decode"),
         ("tensorflow.contrib.layers.python.layers.initializers", "xavier_initializer"),
         ("tensorflow.compat.v1.train", "Saver"),
         ("tensorflow.python.ops.array_ops", "concat"), ("tensorflow.python.ops.variable_scope", "get_variable"),
         ("tensorflow.python.framework.ops", "convert_to_tensor"), ("tensorflow.python.platform.gfile", "Exists"),
         ("tensorflow.python.training.moving_averages", "ExponentialMovingAverage")]


def run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "graphcli.tf1", *words], capture_output=True, text=True, cwd=folder,
                          check=False, env={**os.environ, "PYTHONPATH": str(ROOT), **more})


def script(folder: Path, text: str) -> str:
    (folder / "program.py").write_text(text, encoding="utf-8")
    return "program.py"


@pytest.mark.parametrize("name", NAMES)
def test_program_that_imports_tensorflow_prints_what_it_prints_there(name: str, tmp_path: Path) -> None:
    program = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8").replace(OURS, TENSORFLOW)
    done = run(tmp_path, script(tmp_path, program))
    assert done.stdout == (PROGRAMS / f"{name}.txt").read_text(encoding="utf-8"), done.stderr
    assert done.returncode == 0


@pytest.mark.parametrize(("module", "name"), FOUND)
def test_module_below_tensorflow_has_the_names_of_tf1(module: str, name: str) -> None:
    last = name if name != "Exists" else "exists"
    with stand_in.imported():
        assert getattr(importlib.import_module(module), name).__name__.lower() == last.lower()
    assert module not in sys.modules


@pytest.mark.parametrize(("statement", "error", "text"), [
    ("import tensorflow.nothing", ModuleNotFoundError, "graphcli has no tf.nothing"),
    ("from tensorflow.contrib import nothing", ImportError, "graphcli has no tf.contrib.nothing"),
    ("from tensorflow.contrib.slim.python.slim.nothing import x", ImportError, "graphcli has no tf.contrib.slim"),
    ("from tf_slim.data import dataset", ImportError, "No module named 'tf_slim.data'"),
    ("import tensorflow as tf; tf.no_such", AttributeError, "graphcli has no tf.no_such"),
    ("from tensorflow.python.ops.array_ops import no_such", ImportError, "cannot import name 'no_such'")])
def test_what_is_missing_says_so(statement: str, error: type[Exception], text: str) -> None:
    with stand_in.imported(), pytest.raises(error) as caught:
        exec(statement, {})
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(("statement", "text"), [
    ("import tensorflow.tpu as tpu; tpu.rewrite(None)", "graphcli has no tf.tpu.rewrite (there are no TPUs here)"),
    ("import tensorflow as tf; tf.data.experimental.make_csv_dataset('x')",
     "graphcli has no tf.data.experimental.make_csv_dataset (tf.data.experimental.CsvDataset("),
    ("from tensorflow.python.keras.engine import base_layer\nclass Own(base_layer.Layer):\n    pass\nOwn()",
     "graphcli has no tf.python.keras.engine.base_layer.Layer"),
    ("from tensorflow.contrib.learn.python.learn.estimators import head\nhead.regression_head()",
     "graphcli has no tf.contrib.learn"),
    ("import tensorflow as tf\nclass Own(tf.keras.layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
     "isinstance(3, tf.keras.Model) or issubclass(Own, tf.keras.layers.Layer) and Own()",
     "graphcli has no tf.keras.layers.Layer (tf.layers has layers")])
def test_what_tensorflow_has_and_is_absent_is_imported_and_refused_where_it_is_used(statement: str, text: str) -> None:
    with stand_in.imported(), pytest.raises(AttributeError) as caught:
        exec(statement, {})
    assert str(caught.value).startswith(text)


def test_names_are_located_by_their_whole_path() -> None:
    with stand_in.imported():
        assert pydoc.locate("tensorflow.contrib.rnn.GRUCell") is tf.contrib.rnn.GRUCell
        assert pydoc.locate("tensorflow.nn.relu").__name__ == "relu"


def test_all_names_of_a_module_can_be_imported() -> None:
    space: dict[str, Any] = {}
    with stand_in.imported():
        exec("from tensorflow.compat.v1.losses import *", space)
        exec("from tensorflow.python.ops.losses.losses import *", space)
        assert {"softmax_cross_entropy", "Reduction"} <= space.keys()
        names = importlib.import_module("tensorflow").__all__
    assert {"placeholder", "nn", "train"} <= set(names)


def test_what_inspect_asks_of_every_module_is_not_looked_for_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(stand_in, "anywhere", asked.append)
    with stand_in.imported():
        for name in ("tensorflow.python.ops.array_ops", "tensorflow.python.framework.ops", "tensorflow.nn"):
            assert not hasattr(importlib.import_module(name), "__wrapped__")
    assert not asked


def test_another_tensorflow_is_itself_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    other = type(sys)("tensorflow")
    monkeypatch.setitem(sys.modules, "tensorflow", other)
    with stand_in.imported():
        assert importlib.import_module("tensorflow") is not other
    assert importlib.import_module("tensorflow") is other


PRIVATE = {"modules of tensorflow.python and tensorflow.core": ('''
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior(); tf.disable_resource_variables()
from tensorflow.core.framework import graph_pb2, summary_pb2
from tensorflow.core.protobuf import config_pb2, rewriter_config_pb2
from tensorflow.python.client import device_lib
from tensorflow.python.data.ops import dataset_ops
from tensorflow.python.framework import ops
from tensorflow.python.ops import control_flow_ops, init_ops
from tensorflow.python.training import moving_averages
config = config_pb2.ConfigProto(allow_soft_placement=True)
config.graph_options.rewrite_options.memory_optimization = rewriter_config_pb2.RewriterConfig.OFF
print([d.name for d in device_lib.list_local_devices() if d.device_type == "CPU"])
m = tf.get_variable("m", [2], initializer=init_ops.Constant(1.0), trainable=False)
with tf.name_scope("bn"), tf.name_scope("in"):
    print(ops.get_name_scope())
    plain = moving_averages.assign_moving_average(m, tf.constant([1.0, 3.0]), 0.75, zero_debias=False)
    both = control_flow_ops.with_dependencies([plain], tf.constant(2.0), name="both")
with tf.variable_scope("unbiased"):
    unbiased = moving_averages.assign_moving_average(m, tf.constant([1.0, 3.0]), 0.75)
print(plain.name, both.name, unbiased.name)
print([v.name for v in tf.global_variables()])
row = dataset_ops.Dataset.range(2).make_one_shot_iterator().get_next()
with tf.Session(config=config) as session:
    session.run(tf.global_variables_initializer())
    print(session.run(both), session.run(m), session.run(unbiased), session.run(row))
graph = graph_pb2.GraphDef()
graph.ParseFromString(tf.get_default_graph().as_graph_def().SerializeToString())
print(graph.node[0].name, summary_pb2.Summary.Value(tag="a", simple_value=2.0).simple_value)
''', '''['/device:CPU:0']
bn/in
bn/in/AssignMovingAvg:0 bn/in/both:0 unbiased/AssignMovingAvg:0
['m:0', 'unbiased/m/biased:0', 'unbiased/m/local_step:0']
2.0 [1.  1.5] [1. 3.] 0
m/Initializer/Const 2.0
'''), "a function per op type": ('''
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior(); tf.disable_resource_variables()
from tensorflow.python.framework import ops
from tensorflow.python.ops import gen_array_ops, gen_nn_ops
@ops.RegisterGradient("GuidedRelu")
def guided(op, grad):
    return tf.where(0.0 < grad, gen_nn_ops.relu_grad(grad, op.outputs[0]), tf.zeros(tf.shape(grad)))
x = tf.constant([[[[1.0], [-2.0]], [[3.0], [0.5]]]])
with tf.get_default_graph().gradient_override_map({"Relu": "GuidedRelu"}):
    y = tf.nn.relu(x)
pool = tf.nn.max_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
back = gen_nn_ops.max_pool_grad(y, pool, tf.ones_like(pool), [1, 2, 2, 1], [1, 2, 2, 1], padding="SAME", name="unpool")
place = gen_array_ops.where(tf.constant([True, False, True]))
guided = tf.gradients(y * [[-1.0], [1.0]], x)[0]
print(back.name, back.op.type, place.name, guided.name)
with tf.Session() as session:
    print(*[session.run(t).ravel().tolist() for t in (back, place, guided)])
try:
    gen_nn_ops.relu_grad(x)
except TypeError:
    print("refused")
''', '''unpool:0 MaxPoolGrad Where:0 gradients/Relu_grad/Select:0
[0.0, 0.0, 1.0, 0.0] [0, 2] [0.0, 0.0, 0.0, 1.0]
refused
''')}
"""Programs that import TensorFlow's own files, and what they print with TensorFlow."""


@pytest.mark.parametrize("what", PRIVATE)
def test_what_programs_import_of_tensorflows_own_files_is_there(what: str, tmp_path: Path) -> None:
    program, printed = PRIVATE[what]
    done = run(tmp_path, script(tmp_path, program))
    assert done.stdout == printed, done.stderr


FLAGGED = '''"""Trains."""
from absl import app, flags, logging
import tensorflow as tf
import absl.logging
FLAGS = flags.FLAGS
flags.DEFINE_integer("num", 3, "how many", lower_bound=0)
tf.flags.DEFINE_bool("use", True, "whether", short_name="u")
flags.DEFINE_multi_string("names", None, None)
def main(argv):
    logging.set_verbosity(logging.INFO)
    for i in range(3):
        logging.log_every_n(logging.INFO, "turn %d", 2, i)
    absl.logging.debug("unseen")
    print(argv[1:], FLAGS.num, tf.flags.FLAGS.use, absl.logging.get_verbosity() == absl.logging.INFO)
    if FLAGS.num > 8:
        raise app.UsageError("too many")
if __name__ == "__main__":
    app.run(main)
'''


@pytest.mark.parametrize(("words", "status", "out", "errors"), [
    (["--num", "4", "rest", "--nouse"], 0, "['rest'] 4 False True\n", ["turn 0", "turn 2"]),
    (["--num=-4"], 1, "", ["FATAL Flags parsing error: the flag --num cannot be '-4': it is not a non-negative integer",
                           "Pass --helpshort or --helpfull to see help on flags."]),
    (["--nums=4"], 1, "", ["FATAL Flags parsing error: there is no flag --nums",
                           "Pass --helpshort or --helpfull to see help on flags."]),
    (["--help"], 1, "Trains.\nflags:\n\nprogram.py:\n  --names: (no help available);\n"
                    "    repeat this option to specify a list of values\n  --num: how many\n    (default: '3')\n"
                    "    (a non-negative integer)\n  -u,--[no]use: whether\n    (default: 'true')\n\n"
                    "Try --helpfull to get a list of all flags.\n", [])])
def test_absl_is_there_and_its_flags_are_those_of_tensorflow(words: list[str], status: int, out: str,
                                                             errors: list[str], tmp_path: Path) -> None:
    done = run(tmp_path, script(tmp_path, FLAGGED), *words)
    assert (done.returncode, done.stdout) == (status, out), done.stderr
    assert [line.rpartition("] ")[2] for line in done.stderr.splitlines()] == errors


def test_usage_error_of_a_main_tells_the_flags(tmp_path: Path) -> None:
    done = run(tmp_path, script(tmp_path, FLAGGED), "--num=9")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "too many" and "  --num: how many" in done.stderr


@pytest.mark.parametrize("suffix", [".meta", ".pb", ".pbtxt"])
def test_graph_that_a_program_made_is_kept(suffix: str, tmp_path: Path) -> None:
    path = script(tmp_path, "import tensorflow as tf\n"
                            "with tf.Graph().as_default():\n    x = tf.placeholder(tf.float32, name='x')\n"
                            "    y = tf.multiply(x, tf.get_variable('w', []), name='y')\n"
                            "with tf.Graph().as_default():\n    tf.constant(1.0)\n")
    done = run(tmp_path, "--graph", f"kept/g{suffix}" if suffix != ".meta" else "g.meta", path)
    where = "kept/g" if suffix != ".meta" else "g"
    assert done.returncode == 0, done.stderr
    graph = graphcli.load(str(tmp_path / f"{where}{suffix}")).graph
    assert {"x", "y", "w", "w/read"} <= set(graph.nodes)
    assert done.stderr == f"wrote {where}{suffix}: a graph of {len(graph)} nodes, the largest of 2\n"


def test_failing_program_ends_as_in_python_and_its_graph_is_kept(tmp_path: Path) -> None:
    path = script(tmp_path, "import tensorflow as tf\na = tf.constant(1.0)\nraise ValueError('no more')\n")
    done = run(tmp_path, "--graph", "g.pb", path)
    assert done.returncode == 1
    assert done.stderr == ("Traceback (most recent call last):\n  File \"program.py\", line 3, in <module>\n"
                           "    raise ValueError('no more')\nValueError: no more\nwrote g.pb: a graph of 1 node\n")


@pytest.mark.parametrize(("line", "last"), [
    ("tf.add([1., 2.], [1., 2., 3.])",
     ["graphcli.errors.Refused: AddV2 'Add': the shapes [2] and [3] do not broadcast: 2 meets 3"]),
    ("tf.Session().run(tf.placeholder(tf.float32, name='x'))",
     ["graphcli.errors.InvalidArgument: the placeholder 'x' (float32 ?) must be fed"]),
    ("tf.reduce_sums", ["AttributeError: graphcli has no tf.reduce_sums (did you mean 'reduce_sum'?)"])])
def test_what_the_graph_is_at_fault_for_is_told_at_the_programs_own_lines(line: str, last: list[str],
                                                                          tmp_path: Path) -> None:
    done = run(tmp_path, script(tmp_path, f"import tensorflow as tf\ndef net():\n    {line}\nnet()\n"))
    assert done.returncode == 1
    lines = [text for text in done.stderr.splitlines() if "^" not in text]
    assert lines == ["Traceback (most recent call last):", '  File "program.py", line 4, in <module>', "    net()",
                     '  File "program.py", line 3, in net', f"    {line}", *last]
    whole = run(tmp_path, "program.py", GRAPHCLI_TRACEBACK="1")
    assert whole.returncode == 1 and "graphcli/" in whole.stderr


@pytest.mark.parametrize(("text", "last"), [("x = = 1\n", "SyntaxError: invalid syntax"),
                                            ("\0", "SyntaxError: source code string cannot contain null bytes")])
def test_what_is_no_program_is_told_without_our_own_lines(text: str, last: str, tmp_path: Path) -> None:
    done = run(tmp_path, script(tmp_path, text))
    assert done.returncode == 1
    assert "graphcli" not in done.stderr and "runpy" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith(last[:12])


def test_interrupted_program_ends_as_in_python_and_its_graph_is_kept(tmp_path: Path) -> None:
    path = script(tmp_path, "import tensorflow as tf\na = tf.constant(1.0)\nraise KeyboardInterrupt\n")
    done = run(tmp_path, "--graph", "kept/g.meta", path)
    assert done.returncode == 130
    assert done.stderr == ("Traceback (most recent call last):\n  File \"program.py\", line 3, in <module>\n"
                           "    raise KeyboardInterrupt\nKeyboardInterrupt\nwrote kept/g.meta: a graph of 1 node\n")


def test_arguments_exit_status_and_folder_are_the_programs_own(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (below / "beside.py").write_text("import tensorflow as tf\nname = tf.__name__\n", encoding="utf-8")
    script(below, "import sys, beside\nprint(sys.argv[1:], beside.name, __name__)\nsys.exit(3)\n")
    done = run(tmp_path, "below/program.py", "--graph", "x", "-v")
    assert (done.returncode, done.stdout) == (3, "['--graph', 'x', '-v'] graphcli.tf1 __main__\n"), done.stderr


@pytest.mark.parametrize(("words", "text"), [
    (["none.py"], "there is no file 'none.py'"),
    (["--graph", "g.txt", "program.py"], "the name ends in .meta, .pb, .pbtxt")])
def test_command_line_that_cannot_be_is_refused_before_it_runs(words: list[str], text: str, tmp_path: Path) -> None:
    script(tmp_path, "print('it ran')\n")
    done = run(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert text in done.stderr


def test_program_without_a_graph_says_so_and_writes_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, "--graph", "g.pb", script(tmp_path, "import tensorflow as tf\n"))
    assert (done.returncode, done.stderr) == (0, "g.pb was not written: the program made no graph\n")
    assert not (tmp_path / "g.pb").exists()


def test_no_name_that_is_here_is_told_to_be_missing() -> None:
    def there(name: str) -> bool:
        value: Any = modules["tf"]
        for part in name.split("."):
            value = getattr(value, part, None)
        return value is not None and not isinstance(value, Absent)

    # of these a part is here, and what is said is said of the rest
    parts = ("contrib", "contrib.eager", "distribute", "estimator")
    assert [name for name in INSTEAD if name not in parts and there(name)] == []
    here = {name if module == "tf" else f"{module}.{name}" for module in modules for name in modules[module].names()}
    absent = {n for n in MODULES.split()} | {n if m == "tf" else f"{m}.{n}" for m, names in NAMES_ABSENT.items()
                                             for n in names.split()}
    assert sorted(absent & here) == []


def test_files_are_there_under_the_name_of_their_module(tmp_path: Path) -> None:
    done = run(tmp_path, script(tmp_path, "from tensorflow.python.lib.io import file_io\n"
                                          "file_io.recursive_create_dir('a/b')\n"
                                          "file_io.write_string_to_file('a/x.txt', 'text')\n"
                                          "file_io.copy('a/x.txt', 'a/y.txt')\n"
                                          "print(file_io.file_exists('a/x.txt'), sorted(file_io.list_directory('a')))\n"
                                          "print(file_io.read_file_to_string('a/y.txt', binary_mode=True))\n"
                                          "print(file_io.FileIO('a/x.txt', 'r').read(2))\n"
                                          "print([w[0] for w in file_io.walk('a')])\n"))
    assert done.stdout == "True ['b', 'x.txt', 'y.txt']\nb'text'\nte\n['a', 'a/b']\n", done.stderr


def test_files_of_contrib_have_their_private_names() -> None:
    with stand_in.imported():
        linear = importlib.import_module("tensorflow.contrib.rnn.python.ops.core_rnn_cell")._linear
        attention = importlib.import_module("tensorflow.contrib.seq2seq.python.ops.attention_wrapper")
    assert issubclass(tf.contrib.seq2seq.LuongAttention, attention._BaseAttentionMechanism)
    x = np.array([[1.0, 2.0]], np.float32)
    with tf.Graph().as_default() as graph, tf.variable_scope("a", initializer=tf.ones_initializer()):
        y = linear([x_in := tf.placeholder(tf.float32, [None, 2]), x_in], 3, True, tf.constant_initializer(0.5))
        assert [v.name for v in tf.trainable_variables()] == ["a/kernel:0", "a/bias:0"]
        with tf.Session(graph=graph) as session:
            session.run(tf.global_variables_initializer())
            assert session.run(y, {x_in: x}).tolist() == [[6.5, 6.5, 6.5]]
        with pytest.raises(ValueError):
            linear([], 3, True)
