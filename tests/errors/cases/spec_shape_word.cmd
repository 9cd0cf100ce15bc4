graphcli check spec_shape_word.yaml
