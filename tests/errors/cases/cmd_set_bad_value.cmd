graphcli run good.yaml --set hidden=-1
