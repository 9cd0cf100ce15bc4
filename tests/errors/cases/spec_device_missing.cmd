graphcli run spec_device_missing.yaml
