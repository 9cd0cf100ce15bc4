import enum
import sys

import graphcli.tf1 as tf

flags = tf.flags
FLAGS = flags.FLAGS


def tried(what, call):
    try:
        print(what, call())
    except (flags.Error, AttributeError, KeyError, ValueError) as error:
        names = [c.__name__ for c in type(error).__mro__]
        print(what, "raised", next(n for n in names if n in ("KeyError", "AttributeError", "ValueError") or "Flag" in n
                                   or n == "Error"))


class Mode(enum.Enum):
    TRAIN = 1
    EVAL = 2


flags.DEFINE_integer(name="num", short_name="n", default=3, help="how many", lower_bound=0)
flags.DEFINE_float("rate", 1, "rate")
flags.DEFINE_bool("use", True, "whether")
flags.DEFINE_string("text", None, "text")
flags.DEFINE_list("layers", "64, 32", "sizes")
flags.DEFINE_spaceseplist("words", "a b", "words")
flags.DEFINE_enum("kind", "a", ["a", "b"], "kind")
flags.DEFINE_enum_class("mode", Mode.TRAIN, Mode, "mode")
flags.DEFINE_multi_integer("sizes", [1, 2], "sizes")
flags.DEFINE_multi_enum("kinds", None, ["a", "b"], "kinds")
flags.DEFINE_alias("learning_rate", "rate")
held = flags.DEFINE_integer("held", "7", "held")
tried("twice", lambda: flags.DEFINE_float("num", 3., "again"))
tried("no whole number", lambda: flags.DEFINE_integer("bad", 1.5, ""))
tried("no word of it", lambda: flags.DEFINE_enum("bad", "z", ["a"], ""))
tried("no truth", lambda: flags.DEFINE_bool("bad", "maybe", ""))
tried("a method", lambda: flags.DEFINE_string("is_parsed", "", ""))
tried("needless default", lambda: flags.DEFINE_string("bad", "x", "", required=True))
tried("no such flag", lambda: flags.mark_flag_as_required("bad"))
flags.mark_flags_as_required(["num", "rate"])
flags.register_validator("rate", lambda rate: rate < 2, message="it is too high")


@flags.multi_flags_validator(["rate", "num"], message="together too high")
def _sum(values):
    return values["rate"] + values["num"] < 50


for line in (["x", "--num=4", "y"], ["-n", "5"], ["--nouse", "--layers=1,2", "--words", "c d e", "--mode=eval"],
             ["--use=false", "--sizes=4", "--sizes=5", "--kinds=b", "--layers=", "--learning_rate=.5"],
             ["--num", "--rate=1"], ["--num=x"], ["--num=-1"], ["--use=maybe"], ["--kind=c"], ["--num"], ["--what=4"],
             ["--rate=3"], ["--num=49"], ["--num=4", "--", "--num=5"], ["--rate=1"]):
    tried(" ".join(line), lambda line=line: FLAGS(["program", *line]))
    print(FLAGS.num, FLAGS.rate, FLAGS.use, FLAGS.text, FLAGS.layers, FLAGS.words, FLAGS.kind, FLAGS.mode, FLAGS.sizes,
          FLAGS.kinds)
print(FLAGS(["program", "--what", "4", "--num=6", "--", "--num=7"], known_only=True), FLAGS.num, FLAGS.n)
print(FLAGS.is_parsed(), held.value, held.name, held.default, FLAGS["num"].present, FLAGS["num"].help,
      FLAGS["rate"].default, FLAGS["use"].boolean)
for name, value in [("num", 9), ("num", -1), ("rate", 3.), ("other", 1), ("num", None)]:
    tried(f"{name} = {value}", lambda name=name, value=value: setattr(FLAGS, name, value))
print(FLAGS.num, FLAGS.rate, FLAGS.learning_rate)
tried("other", lambda: FLAGS.other)
tried("[other]", lambda: FLAGS["other"])
FLAGS.set_default("held", 8)
flags.set_default(held, 9)
print(held.value, "num" in FLAGS, "other" in FLAGS, hasattr(FLAGS, "other"), FLAGS.flag_values_dict()["words"])
print([line for line in FLAGS.flags_into_string().split() if line.split("=")[0][2:] in
       ("num", "use", "nouse", "layers", "sizes", "kinds", "mode", "text")])
flags.DEFINE_string("first", None, "")
flags.DEFINE_string("second", None, "")
flags.mark_flags_as_mutual_exclusive(["first", "second"])
tried("both", lambda: FLAGS(["program", "--first=1", "--second=2"]))
FLAGS["first"].value = None
tried("one", lambda: FLAGS(["program", "--num=3", "--second=2"]))
for name in list(FLAGS._flags()):
    if name in ("held", "text"):
        FLAGS.__delattr__(name)
tried("gone", lambda: FLAGS.held)
flags.DEFINE_integer("held", 1, "again")
print(FLAGS.held)


def main(argv):
    print(argv[1:], FLAGS.num, FLAGS.held)
    tf.logging.set_verbosity("ERROR")
    print(tf.logging.get_verbosity(), tf.get_logger().name, tf.get_logger().propagate)
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    tf.app.run(main, ["program", "--what=1", "rest", "--num=8", "--held", "2", "--logtostderr"])
