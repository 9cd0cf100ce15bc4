graphcli feeds complex_input.yaml
