graphcli run .
