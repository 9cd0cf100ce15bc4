graphcli check spec_binary.yaml
