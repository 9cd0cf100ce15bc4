graphcli check spec_device.yaml
