graphcli check gradient_far.yaml
