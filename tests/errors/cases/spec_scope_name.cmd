graphcli check spec_scope_name.yaml
