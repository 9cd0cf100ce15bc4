graphcli check spec_op_name.yaml
