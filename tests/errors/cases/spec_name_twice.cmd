graphcli check spec_name_twice.yaml
