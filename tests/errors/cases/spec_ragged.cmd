graphcli check spec_ragged.yaml
