graphcli events plot . --smooth 1.5
