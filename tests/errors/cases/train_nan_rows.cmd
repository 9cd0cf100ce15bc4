graphcli train train.yaml --data train_nan.json --batch-size 4
