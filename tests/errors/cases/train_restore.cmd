graphcli train train.yaml --data train.npz --restore damaged
