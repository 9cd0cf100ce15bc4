"""Features of varying length are parsed and batched by queues, as sparse tensors."""
import graphcli.tf1 as tf


def example(words):
    feature = tf.train.Feature(int64_list=tf.train.Int64List(value=words))
    return tf.train.Example(features=tf.train.Features(feature={"words": feature})).SerializeToString()


examples = tf.constant([example(words) for words in ([1, 2], [3], [], [4, 5, 6], [7])])
one = tf.train.input_producer(examples, shuffle=False, num_epochs=1).dequeue()
words = tf.parse_single_example(one, {"words": tf.VarLenFeature(tf.int64)})["words"]
batch, total = tf.train.batch([words, tf.size(words.values)], 2, allow_smaller_final_batch=True)
dense = tf.sparse_tensor_to_dense(batch)
print(batch.get_shape().as_list(), dense.shape.as_list())

with tf.train.MonitoredSession() as session:
    while not session.should_stop():
        found = session.run([batch, dense, total])
        print(found[0].indices.tolist(), found[0].values.tolist(), found[0].dense_shape, found[1].tolist(), found[2])
