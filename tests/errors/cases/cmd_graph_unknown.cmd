graphcli run good.yaml --graph other
