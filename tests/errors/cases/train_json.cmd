graphcli train train.yaml --data train_text.json
