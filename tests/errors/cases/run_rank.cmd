graphcli run values.yaml --fetch conv --feed y='[1, 2, 3]'
