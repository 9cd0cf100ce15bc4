graphcli check spec_range.yaml
