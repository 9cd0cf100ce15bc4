graphcli train train.yaml --data train.npz --feed-map x=x,y=short
