graphcli run good.yaml --fetch 'y[0]'
