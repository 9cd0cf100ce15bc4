graphcli check spec_loop_name.yaml
