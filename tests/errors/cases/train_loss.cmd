graphcli train train.yaml --data train.npz --loss train
