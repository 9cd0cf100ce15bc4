graphcli check spec_no_dtype.yaml
