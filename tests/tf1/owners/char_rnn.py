"""sherjilozair's char-rnn: stacked LSTM cells, dropout, clipping, sampling, saved by pickles."""
from __future__ import print_function
import argparse, os, codecs, collections
import numpy as np
import tensorflow as tf
from six.moves import cPickle
from tensorflow.contrib import rnn
from tensorflow.contrib import legacy_seq2seq
class Model():
    def __init__(self, args, training=True):
        self.args = args
        if not training:
            args.batch_size = 1
            args.seq_length = 1
        cell_fn = {'rnn': rnn.BasicRNNCell, 'gru': rnn.GRUCell, 'lstm': rnn.BasicLSTMCell}[args.model]
        cells = []
        for _ in range(args.num_layers):
            cell = cell_fn(args.rnn_size)
            if training and (args.output_keep_prob < 1.0 or args.input_keep_prob < 1.0):
                cell = rnn.DropoutWrapper(cell, input_keep_prob=args.input_keep_prob, output_keep_prob=args.output_keep_prob)
            cells.append(cell)
        self.cell = cell = rnn.MultiRNNCell(cells, state_is_tuple=True)
        self.input_data = tf.placeholder(tf.int32, [args.batch_size, args.seq_length])
        self.targets = tf.placeholder(tf.int32, [args.batch_size, args.seq_length])
        self.initial_state = cell.zero_state(args.batch_size, tf.float32)
        init = lambda shape, dtype=None, partition_info=None: tf.constant(np.sin(np.arange(np.prod(shape)) * 0.7).reshape(shape) * 0.2, tf.float32)
        with tf.variable_scope('rnnlm', initializer=init):
            softmax_w = tf.get_variable("softmax_w", [args.rnn_size, args.vocab_size])
            softmax_b = tf.get_variable("softmax_b", [args.vocab_size])
            embedding = tf.get_variable("embedding", [args.vocab_size, args.rnn_size])
            inputs = tf.nn.embedding_lookup(embedding, self.input_data)
            inputs = tf.split(inputs, args.seq_length, 1)
            inputs = [tf.squeeze(input_, [1]) for input_ in inputs]
        def loop(prev, _):
            prev = tf.matmul(prev, softmax_w) + softmax_b
            prev_symbol = tf.stop_gradient(tf.argmax(prev, 1))
            return tf.nn.embedding_lookup(embedding, prev_symbol)
        with tf.variable_scope('rnnlm', initializer=init):
            outputs, last_state = legacy_seq2seq.rnn_decoder(inputs, self.initial_state, cell, loop_function=loop if not training else None, scope='rnnlm')
        output = tf.reshape(tf.concat(outputs, 1), [-1, args.rnn_size])
        self.logits = tf.matmul(output, softmax_w) + softmax_b
        self.probs = tf.nn.softmax(self.logits)
        loss = legacy_seq2seq.sequence_loss_by_example([self.logits], [tf.reshape(self.targets, [-1])], [tf.ones([args.batch_size * args.seq_length])])
        with tf.name_scope('cost'):
            self.cost = tf.reduce_sum(loss) / args.batch_size / args.seq_length
        self.final_state = last_state
        self.lr = tf.Variable(0.0, trainable=False)
        tvars = tf.trainable_variables()
        grads, _ = tf.clip_by_global_norm(tf.gradients(self.cost, tvars), args.grad_clip)
        with tf.name_scope('optimizer'):
            optimizer = tf.train.AdamOptimizer(self.lr)
        self.train_op = optimizer.apply_gradients(zip(grads, tvars))
        tf.summary.histogram('logits', self.logits)
        tf.summary.scalar('train_loss', self.cost)
    def sample(self, sess, chars, vocab, num=20, prime='the '):
        state = sess.run(self.cell.zero_state(1, tf.float32))
        for char in prime[:-1]:
            x = np.zeros((1, 1)); x[0, 0] = vocab[char]
            [state] = sess.run([self.final_state], {self.input_data: x, self.initial_state: state})
        ret, char = prime, prime[-1]
        for _ in range(num):
            x = np.zeros((1, 1)); x[0, 0] = vocab[char]
            [probs, state] = sess.run([self.probs, self.final_state], {self.input_data: x, self.initial_state: state})
            char = chars[int(np.argmax(probs[0]))]
            ret += char
        return ret
def main():
    text = "the cat sat on the mat and the rat sat on the hat. " * 8
    counter = collections.Counter(text)
    chars, _ = zip(*sorted(counter.items(), key=lambda x: (-x[1], x[0])))
    vocab = dict(zip(chars, range(len(chars))))
    tensor = np.array(list(map(vocab.get, text)))
    args = argparse.Namespace(model='lstm', rnn_size=12, num_layers=2, batch_size=4, seq_length=10, vocab_size=len(chars), grad_clip=5., output_keep_prob=1.0, input_keep_prob=1.0)
    n = int(tensor.size / (args.batch_size * args.seq_length))
    tensor = tensor[:n * args.batch_size * args.seq_length]
    ydata = np.copy(tensor); ydata[:-1] = tensor[1:]; ydata[-1] = tensor[0]
    xb = np.split(tensor.reshape(args.batch_size, -1), n, 1); yb = np.split(ydata.reshape(args.batch_size, -1), n, 1)
    model = Model(args)
    with open('config.pkl', 'wb') as f: cPickle.dump(args, f)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        saver = tf.train.Saver(tf.global_variables())
        for e in range(5):
            sess.run(tf.assign(model.lr, 0.05 * (0.97 ** e)))
            state = sess.run(model.initial_state)
            for b in range(n):
                feed = {model.input_data: xb[b], model.targets: yb[b]}
                for i, (c, h) in enumerate(model.initial_state):
                    feed[c] = state[i].c
                    feed[h] = state[i].h
                loss, state, _ = sess.run([model.cost, model.final_state, model.train_op], feed)
            print("epoch {}, train_loss = {:.3f}".format(e, loss))
        saver.save(sess, './model.ckpt')
    print([(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()])
    tf.reset_default_graph()
    with open('config.pkl', 'rb') as f: saved = cPickle.load(f)
    model = Model(saved, training=False)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        tf.train.Saver(tf.global_variables()).restore(sess, tf.train.get_checkpoint_state('.').model_checkpoint_path)
        print(model.sample(sess, chars, vocab))
main()
