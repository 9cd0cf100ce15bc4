graphcli check spec_text.yaml
