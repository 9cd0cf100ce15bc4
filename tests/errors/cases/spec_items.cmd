graphcli check spec_items.yaml
