graphcli run goood.yaml
