graphcli train train.yaml --data train.npz --loss out --target train
