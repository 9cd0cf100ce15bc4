graphcli check spec_op_attr.yaml
