graphcli train train.yaml --steps 3
