graphcli train train.yaml --data train.npz --eval-data train.npz
