graphcli train train.yaml --steps 3 --batch-size 4
