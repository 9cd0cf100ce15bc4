graphcli check spec_add_dtypes.yaml
