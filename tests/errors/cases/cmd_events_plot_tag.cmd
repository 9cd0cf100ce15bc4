graphcli events plot logs/whole los
