import graphcli.tf1 as tf

config = tf.ConfigProto(allow_soft_placement=True, device_count={"GPU": 0}, inter_op_parallelism_threads=2,
                        gpu_options=tf.GPUOptions(per_process_gpu_memory_fraction=0.5))
config.gpu_options.allow_growth = True
config.gpu_options.visible_device_list = "0,1"
config.gpu_options.experimental.use_unified_memory = True
config.graph_options.optimizer_options.global_jit_level = tf.OptimizerOptions.ON_1
config.graph_options.optimizer_options.opt_level = tf.OptimizerOptions.L0
config.graph_options.rewrite_options.disable_meta_optimizer = True
config.device_filters.append("/job:ps")
config.device_filters.extend(["/job:worker/task:1"])
config.experimental.use_numa_affinity = True
print(config)
print(config.log_device_placement, config.intra_op_parallelism_threads, tf.GPUOptions().allow_growth,
      config.device_count["GPU"], list(config.device_filters), config.HasField("gpu_options"),
      config.HasField("rpc_options"), tf.ConfigProto() == tf.ConfigProto(), config == tf.ConfigProto())
again = tf.ConfigProto()
again.ParseFromString(config.SerializeToString())
print(again == config, len(config.SerializeToString()))
other = tf.ConfigProto(log_device_placement=True)
other.MergeFrom(config)
copied = tf.ConfigProto()
copied.CopyFrom(other)
print(other.log_device_placement, other.allow_soft_placement, copied == other)
for wrong in (lambda: tf.ConfigProto(threads=3), lambda: setattr(config, "threads", 3),
              lambda: setattr(config, "allow_soft_placement", "yes"), lambda: config.threads):
    try:
        print(wrong())
    except (AttributeError, TypeError, ValueError) as error:
        print(type(error).__name__)
options = tf.RunOptions(timeout_in_ms=100, report_tensor_allocations_upon_oom=True)
print(options.timeout_in_ms, options.trace_level == tf.RunOptions.NO_TRACE)
with tf.Session(config=config) as session:
    print(session.run(tf.constant(2) * 3, options=options))
