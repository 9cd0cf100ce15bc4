graphcli check spec_unknown_key.yaml
