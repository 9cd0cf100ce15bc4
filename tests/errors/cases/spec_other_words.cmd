graphcli check spec_other_words.yaml
