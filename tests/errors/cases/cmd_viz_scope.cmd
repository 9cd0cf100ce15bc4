graphcli viz good.yaml --scope layr
