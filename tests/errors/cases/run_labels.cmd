graphcli run run_labels.yaml --feed labels='[5]'
