graphcli events cat logs/whole --tag lost
