graphcli spec_device.yaml
