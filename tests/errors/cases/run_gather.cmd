graphcli run run_gather.yaml --feed ids='[0, 7]'
