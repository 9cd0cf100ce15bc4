graphcli events repair logs/text
