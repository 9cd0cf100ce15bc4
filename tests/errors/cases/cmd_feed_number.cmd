graphcli run good.yaml --feed three=1
