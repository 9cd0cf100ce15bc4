graphcli run complex_input.yaml --fetch y --feed z='[1+2j]'
