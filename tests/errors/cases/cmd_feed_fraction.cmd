graphcli run good.yaml --fetch row --feed ids='[0.5]'
