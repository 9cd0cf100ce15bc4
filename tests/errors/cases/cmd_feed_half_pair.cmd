graphcli run text_input.yaml --fetch y --feed 's="\ud83d"'
