graphcli check spec_python_tag.yaml
