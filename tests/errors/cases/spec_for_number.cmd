graphcli check spec_for_number.yaml
