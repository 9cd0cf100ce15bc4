graphcli train train.yaml --data trains.npz
