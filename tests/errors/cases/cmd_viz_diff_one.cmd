graphcli viz good.yaml --diff
