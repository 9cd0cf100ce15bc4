graphcli run run_divide.yaml --feed x='[1, 0]'
