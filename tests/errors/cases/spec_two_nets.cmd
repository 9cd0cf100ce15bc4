graphcli check spec_two_nets.yaml
