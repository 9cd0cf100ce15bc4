graphcli events embed logs/whole v='[[a, b]]'
