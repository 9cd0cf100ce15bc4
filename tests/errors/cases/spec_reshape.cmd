graphcli check spec_reshape.yaml
