graphcli run text_input.yaml --fetch y --feed s=3
