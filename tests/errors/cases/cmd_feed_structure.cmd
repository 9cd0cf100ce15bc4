graphcli run good.yaml --feed both=1
