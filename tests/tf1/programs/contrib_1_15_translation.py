"""A translator as the NMT tutorial has it: trained to say words backwards, decoded greedily and by beams."""
import numpy as np

import graphcli.tf1 as tf

seq2seq = tf.contrib.seq2seq
WORDS, UNITS, START, END, BEAMS = 9, 12, 1, 2, 3


def cell():
    return tf.nn.rnn_cell.DropoutWrapper(tf.contrib.rnn.BasicLSTMCell(UNITS), input_keep_prob=1.0)


def encoder(source, lengths):
    with tf.variable_scope("encoder"):
        table = tf.get_variable("table", [WORDS, UNITS])
        inputs = tf.nn.embedding_lookup(table, source)
        outputs, states = tf.nn.bidirectional_dynamic_rnn(cell(), cell(), inputs, lengths, dtype=tf.float32)
        return tf.concat(outputs, -1), states


def decoding_cell(memory, lengths, states, batch, beams):
    if beams:
        memory, lengths, states = (seq2seq.tile_batch(x, multiplier=beams) for x in (memory, lengths, states))
        batch = batch * beams
    mechanism = seq2seq.LuongAttention(UNITS, memory, memory_sequence_length=lengths, scale=True)
    cells = tf.nn.rnn_cell.MultiRNNCell([cell(), cell()])
    attention = seq2seq.AttentionWrapper(cells, mechanism, attention_layer_size=UNITS, alignment_history=not beams,
                                         name="attention")
    return attention, attention.zero_state(batch, tf.float32).clone(cell_state=states)


def model(source, lengths, mode, target=None, target_lengths=None):
    with tf.variable_scope("nmt", reuse=mode != "train", initializer=tf.random_uniform_initializer(-0.5, 0.5, seed=3)):
        memory, states = encoder(source, lengths)
        batch = tf.size(lengths)
        with tf.variable_scope("decoder") as scope:
            table = tf.get_variable("table", [WORDS, UNITS])
            output = tf.layers.Dense(WORDS, use_bias=False, name="output_projection")
            attention, start = decoding_cell(memory, lengths, states, batch, BEAMS if mode == "beam" else 0)
            first = tf.fill([batch], START)
            if mode == "train":
                inputs = tf.nn.embedding_lookup(table, tf.concat([tf.expand_dims(first, 1), target[:, :-1]], 1))
                helper = seq2seq.TrainingHelper(inputs, target_lengths)
                outputs, _, _ = seq2seq.dynamic_decode(seq2seq.BasicDecoder(attention, helper, start), scope=scope)
                return output(outputs.rnn_output)
            if mode == "greedy":
                helper = seq2seq.GreedyEmbeddingHelper(table, first, END)
                decoder = seq2seq.BasicDecoder(attention, helper, start, output_layer=output)
            else:
                decoder = seq2seq.BeamSearchDecoder(attention, table, first, END, start, BEAMS, output_layer=output,
                                                    length_penalty_weight=0.6)
            outputs, state, said = seq2seq.dynamic_decode(decoder, maximum_iterations=2 * tf.reduce_max(lengths),
                                                          scope=scope)
            if mode == "beam":
                return outputs.predicted_ids, state.lengths
            return outputs.sample_id, state.alignment_history.stack(), said


def batch(random, count):
    lengths = random.randint(2, 5, count)
    source, target = np.zeros([count, 4], np.int32), np.zeros([count, 5], np.int32)
    for row, n in enumerate(lengths):
        source[row, :n] = random.randint(3, WORDS, n)
        target[row, :n + 1] = [*source[row, :n][::-1], END]
    return source, lengths, target, lengths + 1


source = tf.placeholder(tf.int32, [None, None])
lengths = tf.placeholder(tf.int32, [None])
target = tf.placeholder(tf.int32, [None, None])
target_lengths = tf.placeholder(tf.int32, [None])
logits = model(source, lengths, "train", target, target_lengths)
weights = tf.sequence_mask(target_lengths, tf.shape(target)[1], dtype=tf.float32)
loss = seq2seq.sequence_loss(logits, target[:, :tf.reduce_max(target_lengths)],
                             weights[:, :tf.reduce_max(target_lengths)])
variables = tf.trainable_variables()
gradients, norm = tf.clip_by_global_norm(tf.gradients(loss, variables), 5.0)
step = tf.train.get_or_create_global_step()
train = tf.train.AdamOptimizer(0.01).apply_gradients(zip(gradients, variables), global_step=step)
greedy = model(source, lengths, "greedy")
beam = model(source, lengths, "beam")
for v in variables:
    print(v.op.name, v.shape)
random = np.random.RandomState(0)
with tf.Session() as session:
    session.run(tf.global_variables_initializer())
    for i in range(21):
        feeds = dict(zip((source, lengths, target, target_lengths), batch(random, 16)))
        now, size, _ = session.run([loss, norm, train], feeds)
        if i % 10 == 0:
            print(i, f"{now:.3f} {size:.3f}")
    feeds = dict(zip((source, lengths), batch(random, 3)))
    ids, alignments, said = session.run(greedy, feeds)
    print(ids.tolist(), said.tolist())
    print(alignments.shape, np.round(alignments[0], 2).tolist())
    ids, said = session.run(beam, feeds)
    print(ids[:, :, 0].tolist(), ids.shape, said.tolist())
    print(session.run(step))
