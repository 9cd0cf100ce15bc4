graphcli run
