import graphcli.tf1 as tf

tf.train.get_or_create_global_step()
x = tf.placeholder(tf.float32, [3, 4])
tf.get_variable("mean", [2], synchronization=tf.VariableSynchronization.ON_READ,
                aggregation=tf.VariableAggregation.MEAN)
for v in tf.global_variables():
    proto = v.to_proto()
    print(v.name, proto.trainable, proto.synchronization, proto.aggregation)
