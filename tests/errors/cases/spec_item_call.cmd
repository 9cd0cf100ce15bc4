graphcli check spec_item_call.yaml
