graphcli check spec_recursion.yaml
