graphcli run good.yaml --fetch row --feed ids='[4294967296]'
