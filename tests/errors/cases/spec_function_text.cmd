graphcli check function_text.yaml
