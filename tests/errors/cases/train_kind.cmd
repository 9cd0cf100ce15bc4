graphcli train train.yaml --data train.yaml
