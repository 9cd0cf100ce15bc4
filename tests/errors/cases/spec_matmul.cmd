graphcli check spec_matmul.yaml
