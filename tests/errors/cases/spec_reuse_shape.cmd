graphcli check spec_reuse_shape.yaml
