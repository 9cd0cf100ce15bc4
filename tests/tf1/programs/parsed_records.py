import numpy as np

import graphcli.tf1 as tf

rng = np.random.RandomState(1)
with tf.python_io.TFRecordWriter("train.tfrecords") as writer:
    for number in range(12):
        image = rng.randint(0, 255, [4, 4], np.uint8)
        words = [b"w%d" % w for w in range(number % 4)]
        feature = {
            "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.tobytes()])),
            "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[number % 3])),
            "words": tf.train.Feature(bytes_list=tf.train.BytesList(value=words)),
        }
        if number % 2:
            feature["weight"] = tf.train.Feature(float_list=tf.train.FloatList(value=[number / 4.0]))
        writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())

features = {"image": tf.FixedLenFeature([], tf.string), "label": tf.FixedLenFeature([], tf.int64),
            "words": tf.VarLenFeature(tf.string), "weight": tf.FixedLenFeature([], tf.float32, default_value=1.0)}
serialized = tf.placeholder(tf.string, [None])
parsed = tf.parse_example(serialized, features)
images = tf.cast(tf.reshape(tf.decode_raw(parsed["image"], tf.uint8), [-1, 16]), tf.float32) / 255.0
buckets = tf.SparseTensor(parsed["words"].indices, tf.string_to_hash_bucket_fast(parsed["words"].values, 10),
                          parsed["words"].dense_shape)
table = tf.get_variable("table", [10, 2], initializer=tf.ones_initializer())
inputs = tf.concat([images, tf.nn.embedding_lookup_sparse(table, buckets, None, combiner="sum")], 1)
print(parsed["label"].shape, parsed["words"], inputs.shape)

one = tf.placeholder(tf.string, [])
single = tf.parse_single_example(one, features)
lines = tf.decode_csv(tf.placeholder_with_default(["1,2.5,a b", "2,,c"], [None]), [[0], [-1.0], [""]])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    records = list(tf.python_io.tf_record_iterator("train.tfrecords"))
    some = [r for r in records if tf.train.Example.FromString(r).features.feature["words"].bytes_list.value]
    got = sess.run([parsed, inputs], {serialized: some[:5]})
    print(sorted(got[0]), got[0]["label"].tolist(), got[0]["weight"].tolist())
    print(got[0]["words"].values.tolist(), got[0]["words"].dense_shape.tolist(), np.round(got[1][:, 14:], 3).tolist())
    for record in records[:3]:
        values = sess.run(single, {one: record})
        print(len(values["image"]), values["label"], values["words"].indices.tolist(), values["weight"])
    print([v.tolist() for v in sess.run(lines)])
    for wrong in (b"xyz", records[0][:-3]):
        try:
            sess.run(single, {one: wrong})
        except tf.errors.InvalidArgumentError as error:
            print("refused", "Could not parse example" in error.message)
