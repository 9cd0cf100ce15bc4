graphcli events embed logs/whole v='[[1, 2], [3]]'
