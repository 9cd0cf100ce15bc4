graphcli check spec_key_unknown.yaml
