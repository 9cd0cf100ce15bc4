graphcli run good.yaml --feed z=1
