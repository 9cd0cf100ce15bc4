graphcli init line -o good.yaml
