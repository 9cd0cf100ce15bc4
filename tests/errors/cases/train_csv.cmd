graphcli train train.yaml --data train.csv
