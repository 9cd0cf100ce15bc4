graphcli nodes good.yaml --upstream-of nothing
