graphcli check spec_padding.yaml
