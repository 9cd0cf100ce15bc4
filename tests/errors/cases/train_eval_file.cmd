graphcli train train.yaml --data train.npz --feed-map x=x,y=y --eval loss --eval-data ragged.csv
