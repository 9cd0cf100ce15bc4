graphcli check spec_handle_below.yaml
