graphcli train train.yaml --data train.npz --batch-size 8 --drop-last
