graphcli check spec_handle_twice.yaml
