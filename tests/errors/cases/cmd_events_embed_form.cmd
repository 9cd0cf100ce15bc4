graphcli events embed logs/whole vectors.npy
