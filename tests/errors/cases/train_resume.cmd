graphcli train train.yaml --data train.npz --resume
