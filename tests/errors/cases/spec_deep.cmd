graphcli check spec_deep.yaml
