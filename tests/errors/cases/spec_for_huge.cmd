graphcli check spec_for_huge.yaml
