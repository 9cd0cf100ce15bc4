graphcli train train_words.yaml --data train.npz --feed-map x=y
