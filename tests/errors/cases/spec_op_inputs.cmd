graphcli check spec_op_inputs.yaml
