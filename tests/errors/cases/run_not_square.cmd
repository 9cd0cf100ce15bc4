graphcli run values.yaml --fetch root --feed y='[[1, 2, 3], [4, 5, 6]]'
