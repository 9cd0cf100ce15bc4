"""word2vec_basic: skip-gram with NCE, t-SNE left out."""
from __future__ import absolute_import, division, print_function
import collections, math, os, random, zipfile
import numpy as np
from six.moves import urllib, xrange
import tensorflow as tf
text = ("the quick brown fox jumps over the lazy dog and the king and the queen rule the land while the fox runs "
        "over the hill and the dog sleeps near the king ") * 12
filename = "text8.zip"
with zipfile.ZipFile(filename, "w") as z:
    z.writestr("text8", text)
def read_data(filename):
    with zipfile.ZipFile(filename) as f:
        data = tf.compat.as_str(f.read(f.namelist()[0])).split()
    return data
vocabulary = read_data(filename)
print('Data size', len(vocabulary))
vocabulary_size = 20
def build_dataset(words, n_words):
    count = [['UNK', -1]]
    count.extend(collections.Counter(words).most_common(n_words - 1))
    dictionary = dict()
    for word, _ in count:
        dictionary[word] = len(dictionary)
    data = list()
    unk_count = 0
    for word in words:
        index = dictionary.get(word, 0)
        if index == 0:
            unk_count += 1
        data.append(index)
    count[0][1] = unk_count
    return data, count, dictionary, dict(zip(dictionary.values(), dictionary.keys()))
data, count, dictionary, reverse_dictionary = build_dataset(vocabulary, vocabulary_size)
print('Most common words (+UNK)', count[:5])
data_index = 0
def generate_batch(batch_size, num_skips, skip_window):
    global data_index
    batch = np.ndarray(shape=(batch_size), dtype=np.int32)
    labels = np.ndarray(shape=(batch_size, 1), dtype=np.int32)
    span = 2 * skip_window + 1
    buffer = collections.deque(maxlen=span)
    if data_index + span > len(data):
        data_index = 0
    buffer.extend(data[data_index:data_index + span])
    data_index += span
    for i in range(batch_size // num_skips):
        context_words = [w for w in range(span) if w != skip_window]
        random.shuffle(context_words)
        for j in range(num_skips):
            batch[i * num_skips + j] = buffer[skip_window]
            labels[i * num_skips + j, 0] = buffer[context_words[j]]
        if data_index == len(data):
            buffer.extend(data[0:span])
            data_index = span
        else:
            buffer.append(data[data_index])
            data_index += 1
    data_index = (data_index + len(data) - span) % len(data)
    return batch, labels
random.seed(1)
batch_size, embedding_size, num_sampled = 16, 8, 4
valid_examples = np.array([1, 2, 3])
graph = tf.Graph()
with graph.as_default():
    with tf.name_scope('inputs'):
        train_inputs = tf.placeholder(tf.int32, shape=[batch_size])
        train_labels = tf.placeholder(tf.int32, shape=[batch_size, 1])
        valid_dataset = tf.constant(valid_examples, dtype=tf.int32)
    with tf.device('/cpu:0'):
        with tf.name_scope('embeddings'):
            embeddings = tf.Variable(np.random.RandomState(0).uniform(-1, 1, (vocabulary_size, embedding_size)).astype(np.float32))
            embed = tf.nn.embedding_lookup(embeddings, train_inputs)
        with tf.name_scope('weights'):
            nce_weights = tf.Variable(np.random.RandomState(1).normal(0, 1.0 / math.sqrt(embedding_size), (vocabulary_size, embedding_size)).astype(np.float32))
        with tf.name_scope('biases'):
            nce_biases = tf.Variable(tf.zeros([vocabulary_size]))
    with tf.name_scope('loss'):
        sampled = (tf.constant([0, 5, 9, 13], tf.int64), tf.fill([batch_size, 1], 0.3), tf.fill([num_sampled], 0.2))
        loss = tf.reduce_mean(tf.nn.nce_loss(weights=nce_weights, biases=nce_biases, labels=train_labels, inputs=embed, num_sampled=num_sampled, num_classes=vocabulary_size, sampled_values=sampled))
    tf.summary.scalar('loss', loss)
    with tf.name_scope('optimizer'):
        optimizer = tf.train.GradientDescentOptimizer(1.0).minimize(loss)
    norm = tf.sqrt(tf.reduce_sum(tf.square(embeddings), 1, keep_dims=True))
    normalized_embeddings = embeddings / norm
    valid_embeddings = tf.nn.embedding_lookup(normalized_embeddings, valid_dataset)
    similarity = tf.matmul(valid_embeddings, normalized_embeddings, transpose_b=True)
    merged = tf.summary.merge_all()
    init = tf.global_variables_initializer()
    saver = tf.train.Saver()
with tf.Session(graph=graph) as session:
    writer = tf.summary.FileWriter("log", session.graph)
    init.run()
    average_loss = 0
    for step in xrange(41):
        bi, bl = generate_batch(batch_size, 2, 1)
        md = tf.RunMetadata()
        _, summary, loss_val = session.run([optimizer, merged, loss], feed_dict={train_inputs: bi, train_labels: bl}, run_metadata=md)
        average_loss += loss_val
        writer.add_summary(summary, step)
        if step == 40:
            writer.add_run_metadata(md, 'step%d' % step)
        if step % 20 == 0:
            if step > 0:
                average_loss /= 20
            print('Average loss at step ', step, ': ', '%.4f' % average_loss)
            average_loss = 0
            sim = similarity.eval()
            for i in xrange(3):
                nearest = (-sim[i, :]).argsort()[1:4]
                print('Nearest to %s:' % reverse_dictionary[valid_examples[i]], ', '.join(reverse_dictionary.get(k, 'UNK') for k in nearest))
    final_embeddings = normalized_embeddings.eval()
    print(final_embeddings.shape, '%.4f' % final_embeddings.sum())
    with open('metadata.tsv', 'w') as f:
        for i in xrange(vocabulary_size):
            f.write(reverse_dictionary.get(i, '') + '\n')
    saver.save(session, 'log/model.ckpt')
    from tensorflow.contrib.tensorboard.plugins import projector
    config = projector.ProjectorConfig()
    embedding_conf = config.embeddings.add()
    embedding_conf.tensor_name = embeddings.name
    embedding_conf.metadata_path = 'metadata.tsv'
    projector.visualize_embeddings(writer, config)
    print(open('log/projector_config.pbtxt').read())
writer.close()
