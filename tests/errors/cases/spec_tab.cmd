graphcli check spec_tab.yaml
