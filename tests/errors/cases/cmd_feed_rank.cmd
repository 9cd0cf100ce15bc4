graphcli run good.yaml --feed x='[1,2]'
