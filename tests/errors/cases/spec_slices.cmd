graphcli check spec_slices.yaml
