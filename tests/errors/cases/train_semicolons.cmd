graphcli train train.yaml --data train_semicolons.csv --feed-map x=a,y=y --steps 1
