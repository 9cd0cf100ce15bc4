graphcli train train.yaml --data train.npz --save-every 3
