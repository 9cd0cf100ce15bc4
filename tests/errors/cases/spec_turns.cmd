graphcli check spec_turns.yaml
