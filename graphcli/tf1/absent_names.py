"""What TensorFlow 1.15 has that graphcli has not: modules, names of modules that are here, files of tf.contrib.

What graphcli has itself is found first.
"""
MODULES = (
    "autograph config contrib.autograph contrib.batching contrib.bayesflow contrib.checkpoint contrib.cloud "
    "contrib.cluster_resolver contrib.compiler contrib.constrained_optimization contrib.copy_graph "
    "contrib.cudnn_rnn contrib.deprecated contrib.distribute contrib.distributions.bijectors contrib.estimator "
    "contrib.factorization contrib.feature_column contrib.ffmpeg contrib.graph_editor contrib.grid_rnn "
    "contrib.input_pipeline contrib.integrate contrib.keras contrib.kernel_methods contrib.labeled_tensor "
    "contrib.layers.feature_column contrib.learn.graph_actions contrib.learn.head contrib.learn.io "
    "contrib.learn.learn_runner contrib.learn.models contrib.learn.monitors contrib.learn.ops contrib.learn.utils "
    "contrib.linear_optimizer contrib.memory_stats contrib.mixed_precision contrib.model_pruning contrib.nn "
    "contrib.optimizer_v2 contrib.predictor contrib.proto contrib.quantization contrib.quantize "
    "contrib.receptive_field contrib.recurrent contrib.reduce_slice_ops contrib.remote_fused_graph contrib.rpc "
    "contrib.saved_model contrib.solvers contrib.sparsemax contrib.specs contrib.stat_summarizer "
    "contrib.stateless contrib.tensor_forest contrib.testing contrib.tfprof contrib.timeseries contrib.tpu "
    "distribute.cluster_resolver distribute.experimental estimator.experimental estimator.export estimator.inputs "
    "estimator.tpu experimental flags.tf_decorator keras layers.experimental lite profiler pywrap_tensorflow "
    "resource_loader saved_model.experimental sysconfig tpu train.experimental user_ops xla ")

NAMES = {
    "contrib.data":
        "AUTOTUNE CheckpointInputPipelineHook CsvDataset LMDBDataset Optional Reducer SqlDataset "
        "TFRecordWriter assert_element_shape copy_to_device get_next_as_optional group_by_reducer "
        "make_batched_features_dataset make_csv_dataset make_saveable_from_iterator parse_example_dataset "
        "read_batch_features reduce_dataset rejection_resample sliding_window_batch sloppy_interleave",
    "contrib.distributions":
        "Autoregressive BatchReshape BetaWithSoftplusConcentration Binomial Cauchy Chi2 Chi2WithAbsDf "
        "ConditionalDistribution ConditionalTransformedDistribution Deterministic ExpRelaxedOneHotCategorical "
        "ExponentialWithSoftplusRate GammaWithSoftplusConcentrationRate Geometric HalfNormal Independent "
        "InverseGamma InverseGammaWithSoftplusConcentrationRate Kumaraswamy LaplaceWithSoftplusScale Logistic "
        "Mixture MixtureSameFamily MultivariateNormalDiagPlusLowRank NegativeBinomial NormalWithSoftplusScale "
        "OneHotCategorical Poisson PoissonLogNormalQuadratureCompound QuantizedDistribution RelaxedBernoulli "
        "RelaxedOneHotCategorical SeedStream SinhArcsinh StudentTWithAbsDfSoftplusScale "
        "TransformedDistribution VectorDeterministic VectorDiffeomixture VectorExponentialDiag "
        "VectorLaplaceDiag VectorSinhArcsinhDiag WishartCholesky WishartFull assign_log_moving_mean_exp "
        "assign_moving_mean_variance auto_correlation estimator_head_distribution_regression fill_triangular "
        "fill_triangular_inverse matrix_diag_transform moving_mean_variance "
        "normal_conjugates_known_scale_posterior normal_conjugates_known_scale_predictive percentile "
        "quadrature_scheme_lognormal_gauss_hermite quadrature_scheme_lognormal_quantiles "
        "quadrature_scheme_softmaxnormal_gauss_hermite quadrature_scheme_softmaxnormal_quantiles "
        "reduce_weighted_logsumexp softplus_inverse tridiag",
    "contrib.eager":
        "ASYNC Checkpoint Checkpointable DEVICE_PLACEMENT_EXPLICIT DEVICE_PLACEMENT_SILENT "
        "DEVICE_PLACEMENT_WARN EagerVariableStore ExecutionCallback GradientTape Iterator Network SYNC Saver "
        "Sequential TensorSpec Variable add_execution_callback async_clear_error async_wait "
        "clear_execution_callbacks connect_to_remote_host custom_gradient defun enable_eager_execution "
        "enable_remote_eager_execution errstate execution_mode function get_optimizer_variables "
        "gradients_function implicit_gradients implicit_value_and_gradients inf_callback inf_nan_callback "
        "list_devices make_template metrics nan_callback num_gpus py_func restore_network_checkpoint "
        "restore_variables_on_create run run_all_tests_in_graph_and_eager_modes "
        "run_test_in_graph_and_eager_modes save_network_checkpoint set_execution_mode set_server_def seterr "
        "value_and_gradients_function",
    "contrib.framework":
        "BoundedTensorSpec RecordInput TensorSpec VariableDeviceChooser arg_scoped_arguments argsort "
        "assert_same_float_dtype assert_scalar assert_scalar_int convert_to_tensor_or_sparse_tensor "
        "convolutional_delta_orthogonal convolutional_orthogonal_1d convolutional_orthogonal_2d "
        "convolutional_orthogonal_3d fuse_op get_graph_from_inputs get_placeholders "
        "load_and_remap_matrix_initializer load_embedding_initializer load_linear_multiclass_bias_initializer "
        "load_variable_slot_initializer py_func reduce_sum_n remove_squeezable_dimensions smart_case sort "
        "zero_initializer",
    "contrib.framework.nest":
        "flatten_with_joined_string_paths flatten_with_tuple_paths flatten_with_tuple_paths_up_to "
        "get_traverse_shallow_structure is_sequence_or_composite map_structure_with_paths "
        "map_structure_with_tuple_paths map_structure_with_tuple_paths_up_to yield_flat_paths",
    "contrib.image":
        "dense_image_warp interpolate_spline single_image_random_dot_stereograms sparse_image_warp",
    "contrib.layers":
        "GDN RevBlock SPARSE_FEATURE_CROSS_DEFAULT_HASH_KEY bow_encoder bucketized_column "
        "check_feature_columns conv2d_in_plane convolution2d_in_plane create_feature_spec_for_parsing "
        "crossed_column dense_to_sparse embedding_column embedding_lookup_unique gdn images_to_sequence "
        "infer_real_valued_columns input_from_feature_columns joint_weighted_sum_from_feature_columns "
        "legacy_fully_connected legacy_linear legacy_relu make_place_holder_tensors_for_base_features maxout "
        "multi_class_target one_hot_column parse_feature_columns_from_examples "
        "parse_feature_columns_from_sequence_examples real_valued_column recompute_grad regression_target "
        "rev_block safe_embedding_lookup_sparse scale_gradient scattered_embedding_column "
        "sequence_input_from_feature_columns sequence_to_images shared_embedding_columns "
        "sparse_column_with_hash_bucket sparse_column_with_integerized_feature sparse_column_with_keys "
        "sparse_column_with_vocabulary_file spatial_softmax transform_features weighted_sparse_column "
        "weighted_sum_from_feature_columns",
    "contrib.learn":
        "BaseEstimator DNNClassifier DNNEstimator DNNLinearCombinedClassifier DNNLinearCombinedEstimator "
        "DNNLinearCombinedRegressor DNNRegressor DynamicRnnEstimator Estimator Evaluable Experiment "
        "ExportStrategy Head InputFnOps KMeansClustering LinearClassifier LinearEstimator LinearRegressor "
        "LogisticRegressor MetricSpec ModeKeys ModelFnOps NanLossDuringTrainingError NotFittedError "
        "PredictionKey ProblemType RunConfig SKCompat SVM TaskType Trainable binary_svm_head "
        "build_parsing_serving_input_fn evaluate extract_dask_data extract_dask_labels extract_pandas_data "
        "extract_pandas_labels extract_pandas_matrix infer infer_real_valued_columns_from_input "
        "infer_real_valued_columns_from_input_fn make_export_strategy multi_class_head multi_head "
        "multi_label_head no_op_train_fn poisson_regression_head read_batch_examples read_batch_features "
        "read_batch_record_features read_keyed_batch_examples read_keyed_batch_examples_shared_queue "
        "read_keyed_batch_features read_keyed_batch_features_shared_queue regression_head run_feeds run_n "
        "train",
    "contrib.lookup":
        "FastHashSpec HasherSpec IdTableWithHashBuckets InitializableLookupTableBase LookupInterface "
        "StrongHashSpec TableInitializerBase TextFileIdTableInitializer TextFileStringTableInitializer "
        "index_to_string string_to_index string_to_index_table_from_file string_to_index_table_from_tensor",
    "contrib.losses": "mean_pairwise_squared_error",
    "contrib.losses.metric_learning": "cluster_loss npairs_loss_multilabel",
    "contrib.metrics":
        "auc_using_histogram auc_with_confidence_intervals cohen_kappa confusion_matrix count f1_score "
        "precision_at_recall precision_recall_at_equal_thresholds recall_at_precision set_difference "
        "set_intersection set_size set_union sparse_recall_at_top_k streaming_concat streaming_covariance "
        "streaming_curve_points streaming_dynamic_auc streaming_false_negative_rate "
        "streaming_false_negative_rate_at_thresholds streaming_false_negatives_at_thresholds "
        "streaming_false_positive_rate streaming_false_positive_rate_at_thresholds "
        "streaming_false_positives_at_thresholds streaming_mean_cosine_distance streaming_mean_relative_error "
        "streaming_pearson_correlation streaming_precision_at_thresholds streaming_recall_at_k "
        "streaming_recall_at_thresholds streaming_sensitivity_at_specificity "
        "streaming_sparse_average_precision_at_k streaming_sparse_average_precision_at_top_k "
        "streaming_sparse_precision_at_k streaming_sparse_precision_at_top_k streaming_sparse_recall_at_k "
        "streaming_specificity_at_sensitivity streaming_true_negatives_at_thresholds "
        "streaming_true_positives_at_thresholds",
    "contrib.opt":
        "AGNCustomGetter AGNOptimizer AdamGSOptimizer DropStaleGradientOptimizer ElasticAverageCustomGetter "
        "ElasticAverageOptimizer GGTOptimizer LazyAdamGSOptimizer ModelAverageCustomGetter "
        "ModelAverageOptimizer RegAdagradOptimizer ShampooOptimizer",
    "contrib.rnn":
        "BidirectionalGridLSTMCell CompiledWrapper GLSTMCell GridLSTMCell LayerRNNCell TimeFreqLSTMCell "
        "best_effort_input_batch_size",
    "contrib.slim":
        "data_decoder data_provider dataset dataset_data_provider feature_column parallel_reader "
        "prefetch_queue tfexample_decoder",
    "contrib.summary": "create_db_writer",
    "contrib.training":
        "FeedingQueueRunner GreedyLoadBalancingStrategy NextQueuedSequenceBatch RandomStrategy "
        "SequenceQueueingStateSaver batch_sequences_with_states byte_size_load_fn rejection_sample "
        "resample_at_rate stratified_sample weighted_resample",
    "contrib.util": "loader ops_used_by_graph_def stripped_op_list_for_graph",
    "data": "DatasetSpec",
    "data.experimental":
        "CheckpointInputPipelineHook DatasetStructure DistributeOptions MapVectorizationOptions "
        "OptimizationOptions OptionalStructure RaggedTensorStructure Reducer SparseTensorStructure "
        "StatsAggregator StatsOptions Structure TensorArrayStructure TensorStructure ThreadingOptions "
        "bytes_produced_stats from_variant get_structure group_by_reducer latency_stats make_csv_dataset "
        "make_saveable_from_iterator rejection_resample to_variant",
    "debugging": "get_log_device_placement set_log_device_placement",
    "distribute":
        "CrossDeviceOps HierarchicalCopyAllReduce InputContext InputReplicationMode MirroredStrategy "
        "NcclAllReduce OneDeviceStrategy ReductionToOneDevice Server Strategy StrategyExtended "
        "cluster_resolver experimental experimental_set_strategy get_loss_reduction",
    "errors": "raise_exception_on_not_ok_status",
    "estimator":
        "BaselineClassifier BaselineEstimator BaselineRegressor BestExporter BinaryClassHead "
        "BoostedTreesClassifier BoostedTreesEstimator BoostedTreesRegressor DNNClassifier DNNEstimator "
        "DNNLinearCombinedClassifier DNNLinearCombinedEstimator DNNLinearCombinedRegressor DNNRegressor "
        "Estimator EvalSpec Exporter FinalExporter Head LatestExporter LinearClassifier LinearEstimator "
        "LinearRegressor LogisticRegressionHead MultiClassHead MultiHead MultiLabelHead PoissonRegressionHead "
        "ProfilerHook RegressionHead RunConfig TrainSpec VocabInfo WarmStartSettings add_metrics "
        "classifier_parse_example_spec regressor_parse_example_spec train_and_evaluate",
    "feature_column":
        "sequence_categorical_column_with_hash_bucket sequence_categorical_column_with_identity "
        "sequence_categorical_column_with_vocabulary_file sequence_categorical_column_with_vocabulary_list "
        "sequence_numeric_column",
    "flags":
        "ArgumentParser ArgumentSerializer BaseListParser BooleanFlag BooleanParser CantOpenFlagFileError "
        "CsvListSerializer DEFINE DEFINE_flag DEFINE_multi DEFINE_multi_enum_class EnumClassFlag "
        "EnumClassListSerializer EnumClassParser EnumClassSerializer EnumFlag EnumParser Flag FloatParser "
        "IntegerParser ListParser ListSerializer MultiEnumClassFlag MultiFlag WhitespaceSeparatedListParser "
        "override_value",
    "io": "decode_proto encode_proto",
    "linalg":
        "LinearOperatorBlockDiag LinearOperatorCirculant LinearOperatorCirculant2D LinearOperatorCirculant3D "
        "LinearOperatorHouseholder LinearOperatorKronecker LinearOperatorLowRankUpdate LinearOperatorToeplitz "
        "LinearOperatorZeros",
    "logging": "TaskLevelStatusMessage",
    "saved_model": "load_v2 save",
    "test": "Benchmark benchmark_config create_local_cluster",
    "tf":
        "GradientTape IndexedSlicesSpec LMDBReader LogMessage Module NameAttrList OptionalSpec "
        "SparseTensorSpec TensorArraySpec TensorInfo TensorSpec TypeSpec container function "
        "load_file_system_library load_library load_op_library nondifferentiable_batch_function py_function "
        "recompute_grad vectorized_map wrap_function",
    "train":
        "Checkpoint CheckpointManager ClusterDef JobDef ProfilerHook Server ServerDef SyncReplicasOptimizer "
        "do_quantize_training_on_graphdef sdca_fprint sdca_optimizer sdca_shrink_l1",
}

FILES = {
    "contrib.opt": "python",
    "contrib.opt.python": "training",
    "contrib.opt.python.training":
        "adam_gs_optimizer adamax addsign agn_optimizer drop_stale_gradient_optimizer "
        "elastic_average_optimizer external_optimizer ggt lars_optimizer lazy_adam_gs_optimizer "
        "lazy_adam_optimizer matrix_functions model_average_optimizer moving_average_optimizer "
        "multitask_optimizer_wrapper nadam_optimizer powersign reg_adagrad_optimizer shampoo sign_decay "
        "variable_clipping_optimizer weight_decay_optimizers",
    "contrib.crf": "python",
    "contrib.crf.python": "ops",
    "contrib.crf.python.ops": "crf",
    "contrib.data": "python",
    "contrib.data.python": "ops",
    "contrib.data.python.ops":
        "batching counter enumerate_ops error_ops get_single_element grouping interleave_ops iterator_ops "
        "parsing_ops prefetching_ops random_ops readers resampling scan_ops shuffle_ops sliding threadpool "
        "unique writers",
    "contrib.distributions": "python",
    "contrib.distributions.python": "ops",
    "contrib.distributions.python.ops":
        "autoregressive batch_reshape bijectors binomial cauchy chi2 conditional_distribution "
        "conditional_transformed_distribution deterministic distribution_util estimator geometric gumbel "
        "half_normal independent inverse_gamma kumaraswamy logistic mixture mixture_same_family moving_stats "
        "mvn_diag mvn_diag_plus_low_rank mvn_full_covariance mvn_linear_operator mvn_tril negative_binomial "
        "normal_conjugate_posteriors onehot_categorical poisson poisson_lognormal quantized_distribution "
        "relaxed_bernoulli relaxed_onehot_categorical sample_stats seed_stream shape sinh_arcsinh "
        "statistical_testing test_util vector_diffeomixture vector_exponential_diag "
        "vector_exponential_linear_operator vector_laplace_diag vector_laplace_linear_operator "
        "vector_sinh_arcsinh_diag vector_student_t wishart",
    "contrib.distributions.python.ops.bijectors":
        "absolute_value affine affine_linear_operator affine_scalar batch_normalization chain "
        "cholesky_outer_product conditional_bijector exp fill_triangular gumbel inline invert kumaraswamy "
        "masked_autoregressive matrix_inverse_tril ordered permute power_transform real_nvp reshape "
        "scale_tril sigmoid sinh_arcsinh softmax_centered softplus softsign square transform_diagonal weibull",
    "contrib.eager": "python",
    "contrib.eager.python": "datasets metrics metrics_impl network parameter_server saver tfe",
    "contrib.framework": "python",
    "contrib.framework.python": "framework ops",
    "contrib.framework.python.framework": "checkpoint_utils experimental graph_util tensor_util",
    "contrib.framework.python.ops":
        "arg_scope audio_ops checkpoint_ops ops prettyprint_ops script_ops sort_ops variables",
    "contrib.image": "python",
    "contrib.image.python": "ops",
    "contrib.image.python.ops":
        "dense_image_warp distort_image_ops image_ops interpolate_spline single_image_random_dot_stereograms "
        "sparse_image_warp",
    "contrib.layers": "python",
    "contrib.layers.python": "layers ops",
    "contrib.layers.python.layers":
        "embedding_ops encoders feature_column feature_column_ops initializers layers normalization "
        "optimizers regularizers rev_block_lib summaries target_column utils",
    "contrib.layers.python.ops": "bucketization_op sparse_feature_cross_op sparse_ops",
    "contrib.legacy_seq2seq": "python",
    "contrib.legacy_seq2seq.python": "ops",
    "contrib.legacy_seq2seq.python.ops": "seq2seq",
    "contrib.losses": "python",
    "contrib.losses.python": "losses metric_learning",
    "contrib.losses.python.losses": "loss_ops",
    "contrib.losses.python.metric_learning": "metric_loss_ops",
    "contrib.metrics": "python",
    "contrib.metrics.python": "metrics ops",
    "contrib.metrics.python.metrics": "classification",
    "contrib.metrics.python.ops": "confusion_matrix_ops histogram_ops metric_ops set_ops",
    "contrib.resampler": "python",
    "contrib.resampler.python": "ops",
    "contrib.resampler.python.ops": "resampler_ops",
    "contrib.rnn": "python",
    "contrib.rnn.python": "kernel_tests ops tools",
    "contrib.rnn.python.kernel_tests": "benchmarking",
    "contrib.rnn.python.ops": "core_rnn_cell fused_rnn_cell gru_ops lstm_ops rnn rnn_cell",
    "contrib.rnn.python.tools": "checkpoint_convert",
    "contrib.seq2seq": "python",
    "contrib.seq2seq.python": "ops",
    "contrib.seq2seq.python.ops":
        "attention_wrapper basic_decoder beam_search_decoder beam_search_ops decoder helper loss sampler",
    "contrib.slim": "python",
    "contrib.slim.python": "slim",
    "contrib.slim.python.slim": "data evaluation learning model_analyzer nets queues summaries",
    "contrib.slim.python.slim.data":
        "data_decoder data_provider dataset dataset_data_provider parallel_reader prefetch_queue "
        "tfexample_decoder",
    "contrib.slim.python.slim.nets":
        "alexnet inception inception_v1 inception_v2 inception_v3 overfeat resnet_utils resnet_v1 resnet_v2 "
        "vgg",
    "contrib.training": "python",
    "contrib.training.python": "training",
    "contrib.training.python.training":
        "bucket_ops device_setter evaluation feeding_queue_runner hparam hparam_pb2 resample sampling_ops "
        "sequence_queueing_state_saver training tuner",
}
