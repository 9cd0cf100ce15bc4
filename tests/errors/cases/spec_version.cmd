graphcli check spec_version.yaml
