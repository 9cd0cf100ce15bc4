graphcli train ../../../specs/train_digits.yaml --data ../../../specs/data/digits.npz
