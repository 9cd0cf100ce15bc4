graphcli run good.yaml --seed abc
