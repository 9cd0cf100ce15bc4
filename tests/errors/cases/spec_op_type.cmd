graphcli check spec_op_type.yaml
