graphcli events repair logs/text/events.out.tfevents.1735689600.graphcli --dry-run
