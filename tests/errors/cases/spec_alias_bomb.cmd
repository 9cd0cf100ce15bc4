graphcli check spec_alias_bomb.yaml
