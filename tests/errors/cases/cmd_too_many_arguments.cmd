graphcli check good.yaml more.yaml
