graphcli check spec_list.yaml
