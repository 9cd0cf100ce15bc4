graphcli check spec_unknown_keys.yaml
