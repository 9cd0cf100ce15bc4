graphcli events embed logs/whole/events.out.tfevents.1735689600.graphcli v='[[1, 2]]'
