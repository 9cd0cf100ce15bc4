graphcli check spec_attribute.yaml
