graphcli check spec_merge_key.yaml
