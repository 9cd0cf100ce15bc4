graphcli train train.yaml --data train_gap.csv --feed-map x=a+b,y=y
