graphcli check spec_seed_word.yaml
