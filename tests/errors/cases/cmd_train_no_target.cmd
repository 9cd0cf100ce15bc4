graphcli train good.yaml --loss total
