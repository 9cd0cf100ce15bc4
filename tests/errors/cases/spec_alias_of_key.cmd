graphcli check spec_alias_of_key.yaml
