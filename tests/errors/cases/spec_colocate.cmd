graphcli check spec_colocate.yaml
