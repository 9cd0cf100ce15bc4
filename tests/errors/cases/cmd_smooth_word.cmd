graphcli events plot . --smooth much
