graphcli rnu good.yaml
