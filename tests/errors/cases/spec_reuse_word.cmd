graphcli check spec_reuse_word.yaml
