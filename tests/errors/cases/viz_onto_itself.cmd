graphcli viz good.yaml --format svg -o good.yaml
