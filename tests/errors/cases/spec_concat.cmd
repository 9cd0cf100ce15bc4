graphcli check spec_concat.yaml
