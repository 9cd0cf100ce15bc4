graphcli check spec_add_shapes.yaml
