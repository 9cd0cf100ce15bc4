graphcli run run_reshape.yaml --feed x='[1, 2, 3]'
