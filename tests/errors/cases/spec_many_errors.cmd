graphcli check spec_many_errors.yaml
