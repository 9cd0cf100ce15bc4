graphcli check spec_flow_call.yaml
