graphcli viz good.yaml --run -o good.html
