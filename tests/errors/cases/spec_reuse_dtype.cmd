graphcli check spec_reuse_dtype.yaml
