import graphcli.tf1 as tf


def feature(*values):
    if isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if isinstance(values[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def tried(call):
    try:
        print(call())
    except Exception as error:
        kinds = (tf.errors.NotFoundError, tf.errors.DataLossError, TypeError, ValueError)
        print([kind.__name__.removesuffix("Error") for kind in kinds if isinstance(error, kind)][:1])


example = tf.train.Example(features=tf.train.Features(feature={
    "ids": feature(3, -1, 2 ** 40), "weight": feature(0.5, 1.5), "text": feature(b"a", b"")}))
text = example.SerializeToString(deterministic=True)
print(sorted(example.features.feature), example.features.feature["ids"].int64_list.value)
print(text.hex())
again = tf.train.Example.FromString(text)
print(again == example, again.features.feature["weight"].WhichOneof("kind"))
sequence = tf.train.SequenceExample(
    context=tf.train.Features(feature={"length": feature(2)}),
    feature_lists=tf.train.FeatureLists(feature_list={"words": tf.train.FeatureList(
        feature=[feature(b"x"), feature(b"yy", b"z")])}))
print(sequence.SerializeToString(deterministic=True).hex())

for kind in (None, "GZIP", "ZLIB", tf.python_io.TFRecordCompressionType.GZIP):
    options = None if kind is None else tf.python_io.TFRecordOptions(kind)
    with tf.python_io.TFRecordWriter("data.tfrecord", options) as writer:
        for record in (text, b"", b"x" * 1000):
            writer.write(record)
    print(tf.io.TFRecordOptions.get_compression_type_string(options),
          [len(r) for r in tf.python_io.tf_record_iterator("data.tfrecord", options=options)])
tried(lambda: list(tf.python_io.tf_record_iterator("data.tfrecord")))
tried(lambda: list(tf.python_io.tf_record_iterator("nowhere.tfrecord")))
tried(lambda: tf.python_io.TFRecordWriter("no/folder/x"))
tried(lambda: tf.python_io.TFRecordOptions("LZ"))
with tf.io.TFRecordWriter("one") as one:
    one.write("text é")
    tried(lambda: one.write(example))
    one.write(b"bytes")
print(tf.io.gfile.exists("one"), tf.io.gfile.stat("one").length, tf.io.gfile.isdir("."))
tf.io.gfile.makedirs("a/b")
tf.io.gfile.copy("one", "a/b/two")
tf.io.gfile.rename("a/b/two", "a/three")
print(sorted(tf.io.gfile.listdir("a")), tf.io.gfile.glob("a/t*"), tf.io.gfile.glob(["a/t*", "on*"]))
with tf.io.gfile.GFile("a/three", "rb") as file:
    print(len(file.read()))
print([(top, sorted(folders), files) for top, folders, files in tf.io.gfile.walk("a")])
tf.io.gfile.rmtree("a")
tried(lambda: tf.io.gfile.remove("a"))
print(tf.io.gfile.exists("a"))
