graphcli train train.yaml --data train.npz --target trian
