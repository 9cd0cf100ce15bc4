"""Wide and deep, by feature columns without estimators: census rows from a TFRecord file."""
from __future__ import print_function
import argparse
import os
import sys
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--train_steps", type=int, default=30)
parser.add_argument("--batch_size", type=int, default=16)
FLAGS, unparsed = parser.parse_known_args()
JOBS = ["Tech-support", "Sales", "Exec", "Other"]

def rows(n):
    rng = np.random.RandomState(7)
    for _ in range(n):
        age = int(rng.randint(17, 80))
        hours = float(rng.randint(10, 70))
        job = JOBS[rng.randint(4)]
        edu = ["HS", "BSc", "MSc", "PhD"][rng.randint(4)]
        country = "c%d" % rng.randint(30)
        label = int((age > 35) and (hours > 35) and edu in ("MSc", "PhD", "BSc"))
        yield age, hours, job, edu, country, label

def write(path):
    with tf.python_io.TFRecordWriter(path) as w:
        for age, hours, job, edu, country, label in rows(160):
            f = tf.train.Features(feature={
                "age": tf.train.Feature(float_list=tf.train.FloatList(value=[age])),
                "hours": tf.train.Feature(float_list=tf.train.FloatList(value=[hours])),
                "job": tf.train.Feature(bytes_list=tf.train.BytesList(value=[job.encode()])),
                "edu": tf.train.Feature(bytes_list=tf.train.BytesList(value=[edu.encode()])),
                "country": tf.train.Feature(bytes_list=tf.train.BytesList(value=[country.encode()])),
                "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label]))})
            w.write(tf.train.Example(features=f).SerializeToString())

def columns():
    fc = tf.feature_column
    age = fc.numeric_column("age")
    hours = fc.numeric_column("hours", normalizer_fn=lambda x: (x - 40.0) / 12.0)
    buckets = fc.bucketized_column(age, boundaries=[18, 25, 30, 35, 40, 45, 50, 55, 60, 65])
    job = fc.categorical_column_with_vocabulary_list("job", JOBS)
    edu = fc.categorical_column_with_vocabulary_list("edu", ["HS", "BSc", "MSc", "PhD"])
    country = fc.categorical_column_with_hash_bucket("country", hash_bucket_size=100)
    base = [job, edu, country, buckets]
    crossed = [fc.crossed_column(["edu", "job"], hash_bucket_size=100),
               fc.crossed_column([buckets, "edu", "job"], hash_bucket_size=1000)]
    deep = [age, hours, fc.indicator_column(job), fc.indicator_column(edu),
            fc.embedding_column(country, dimension=4, initializer=tf.constant_initializer(0.1))]
    return base + crossed, deep

def input_fn(path, spec, shuffle):
    spec = dict(spec, label=tf.FixedLenFeature([1], tf.int64))
    ds = tf.data.TFRecordDataset(path)
    ds = ds.repeat().batch(FLAGS.batch_size)
    ds = ds.map(lambda s: tf.parse_example(s, spec))
    features = ds.make_one_shot_iterator().get_next()
    labels = tf.to_float(features.pop("label"))
    return features, labels

def main(_):
    path = os.path.join(os.getcwd(), "census.tfrecord")
    write(path)
    wide, deep = columns()
    for c in sorted(wide + deep, key=lambda c: c.name):
        print(c.name, type(c).__name__)
    print(wide[0])
    print(wide[3])
    print(deep[0])
    spec = tf.feature_column.make_parse_example_spec(wide + deep)
    for k in sorted(spec):
        print(k, spec[k])
    features, labels = input_fn(path, spec, False)
    cols = {}
    with tf.variable_scope("linear"):
        linear = tf.feature_column.linear_model(features, wide, cols_to_vars=cols)
    with tf.variable_scope("dnn"):
        net = tf.feature_column.input_layer(features, deep)
        for i, n in enumerate([20, 10]):
            net = tf.layers.dense(net, n, tf.nn.relu, kernel_initializer=tf.constant_initializer(0.01 * (i + 1)), name="hidden_%d" % i)
        net = tf.layers.dense(net, 1, kernel_initializer=tf.constant_initializer(0.05), name="logits")
    logits = linear + net
    loss = tf.losses.sigmoid_cross_entropy(labels, logits)
    step = tf.train.get_or_create_global_step()
    lin = tf.train.FtrlOptimizer(0.1, l1_regularization_strength=0.001).minimize(loss, var_list=tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "linear"))
    dnn = tf.train.AdagradOptimizer(0.05).minimize(loss, var_list=tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "dnn"))
    with tf.control_dependencies([lin, dnn]):
        train = tf.assign_add(step, 1).op
    acc, update = tf.metrics.accuracy(labels, tf.to_float(logits > 0))
    for v in tf.trainable_variables():
        print(v.op.name, v.shape.as_list())
    print(sorted((k if k == "bias" else k.name, [v.op.name for v in vs]) for k, vs in cols.items()))
    print([v.op.name for v in tf.get_collection(tf.GraphKeys.MODEL_VARIABLES)])
    with tf.Session() as sess:
        sess.run([tf.global_variables_initializer(), tf.local_variables_initializer(), tf.tables_initializer()])
        for i in range(FLAGS.train_steps):
            l, _, _ = sess.run([loss, train, update])
            if i % 10 == 0:
                print("step %d loss %.4f" % (i, l))
        print("accuracy %.3f step %d" % (sess.run(acc), sess.run(step)))
        w = sess.run(cols[wide[1]][0])
        print(np.round(w.ravel(), 3).tolist())
        saver = tf.train.Saver()
        saver.save(sess, os.path.join(os.getcwd(), "model.ckpt"), global_step=step)
    for name, shape in tf.train.list_variables(tf.train.latest_checkpoint(os.getcwd())):
        print(name, shape)

if __name__ == "__main__":
    tf.app.run(main=main, argv=[sys.argv[0]] + unparsed)
