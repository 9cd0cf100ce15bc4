graphcli check spec_empty.yaml
