"""Variables of one model begin as those of another's checkpoint."""
import graphcli.tf1 as tf


def save(path):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("a/w", initializer=[1.0, 2.0])
        tf.get_variable("a/b", initializer=3.0)
        tf.get_variable("c", initializer=[[4.0], [5.0]])
        session.run(tf.global_variables_initializer())
        return tf.train.Saver().save(session, path)


def began(warm, partitioner=None):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.get_variable("a/w", [2], initializer=tf.zeros_initializer())
        tf.get_variable("a/b", [], initializer=tf.zeros_initializer(), trainable=False)
        tf.get_variable("c", [2, 1], initializer=tf.zeros_initializer(), partitioner=partitioner)
        tf.get_variable("d", [2], initializer=tf.zeros_initializer())
        try:
            warm()
        except Exception as error:
            print("ValueError" if isinstance(error, ValueError) else "NotFoundError"
                  if isinstance(error, tf.errors.NotFoundError) else type(error).__name__)
            return
        session.run(tf.global_variables_initializer())
        for v in tf.global_variables():
            print(v.op.name, session.run(v).tolist(), end=" ")
        print()


path = save("./model")
start = tf.train.warm_start
began(lambda: start(path, "a"))
began(lambda: start(path, ["a", "c"]))
began(lambda: start(path, "[ac]"), tf.fixed_size_partitioner(2))
began(lambda: start(path, "d", var_name_to_prev_var_name={"d": "a/w"}))
began(lambda: start(path, [tf.global_variables()[1]]))
began(lambda: start(path))
began(lambda: start(path, "a", var_name_to_prev_var_name={"e": "a/w"}))
began(lambda: start(path, None))
began(lambda: start(path, 3))
began(lambda: start("./none", "a"))
