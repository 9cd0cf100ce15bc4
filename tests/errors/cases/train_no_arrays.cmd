graphcli train train.yaml --data train_empty.json
