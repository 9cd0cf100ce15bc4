graphcli check spec_bad_shape.yaml
