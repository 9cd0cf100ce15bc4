graphcli train train.yaml --data train.npz --eval loss
