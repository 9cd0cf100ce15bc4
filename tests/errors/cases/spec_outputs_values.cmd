graphcli check bad_outputs.yaml
