graphcli train train.yaml --data train.npz --eval loss --eval-data train.npz --eval-map x=x,y=yy
