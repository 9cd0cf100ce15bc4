graphcli viz good.yaml --focus nothing
