import os
import sys

import graphcli.tf1 as tf

flags = tf.app.flags
flags.DEFINE_integer("num", 3, "a number")
sys.argv = ["prog", "--num=7"]
print(flags.FLAGS.num, flags.FLAGS["num"].value, flags.FLAGS["num"].default, "num" in flags.FLAGS)
try:
    flags.FLAGS["nope"]
except KeyError:
    print("no such flag")
with tf.gfile.GFile("a.txt", "w") as file:
    file.write("hello\n")
stat = tf.gfile.Stat("a.txt")
print(stat.length, stat.is_directory, stat.mtime_nsec > 10 ** 18, tf.gfile.Stat(".").is_directory)
v = tf.get_variable("v", initializer=[1., 2.])
saver = tf.train.Saver()
with tf.Session() as sess:
    sess.run(v.initializer)
    for path in ("no/such/folder/m", ""):
        try:
            print(saver.save(sess, path))
        except ValueError:
            print("no place")
    prefix = saver.save(sess, os.path.join(os.getcwd(), "m"))
with tf.Graph().as_default():
    w = tf.get_variable("w", [2])
    tf.train.init_from_checkpoint(prefix, {"v": w})
    print(tf.get_default_graph().get_tensor_by_name("checkpoint_initializer:0").shape)
    with tf.Session() as sess:
        sess.run(w.initializer)
        print(sess.run(w))
