graphcli check spec_bad_dtype.yaml
