graphcli run good.yaml --steps many
