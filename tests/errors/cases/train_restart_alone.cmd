graphcli train train.yaml --data train.npz --restart
