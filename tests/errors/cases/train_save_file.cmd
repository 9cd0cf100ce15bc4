graphcli train train.yaml --data train.npz --save bad.json
