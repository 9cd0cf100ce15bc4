graphcli check spec_syntax.yaml
