graphcli run good.yaml --feed train=1
