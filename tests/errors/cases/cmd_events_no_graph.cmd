graphcli scopes logs/whole/events.out.tfevents.1735689600.graphcli
