graphcli check spec_key_twice.yaml
