graphcli check spec_python_call.yaml
