graphcli events lst logs
