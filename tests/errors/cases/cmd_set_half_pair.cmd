graphcli run text_input.yaml --fetch y --set 'p="\ud83d"'
