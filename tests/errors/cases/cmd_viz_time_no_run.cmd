graphcli viz good.yaml --color-by time
