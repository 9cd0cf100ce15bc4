graphcli run run_broadcast.yaml --feed a='[1, 2]' --feed b='[1, 2, 3]'
