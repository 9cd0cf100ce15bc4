graphcli check spec_axis.yaml
